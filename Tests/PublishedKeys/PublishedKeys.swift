/// Keys that everybody has: the one of RFC 7515, appendix A.2, and some made for these tests that are of no use.
package enum PublishedKeys {
    /// PKCS#8.
    package static let rfc7515 = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO
        jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL
        aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn
        juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5
        ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf
        toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg
        VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW
        PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G
        O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj
        kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6
        XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB
        4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K
        pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr
        0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE
        lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6
        kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP
        rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw
        kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp
        5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2
        9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/
        evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG
        yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj
        OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2
        tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3
        ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56
        03k2+ZQwVK0JKSHuLFkuQ3U=
        -----END PRIVATE KEY-----

        """

    /// The same key as PKCS#1.
    package static let rfc7515Traditional = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEowIBAAKCAQEAofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd/wWJcyQoTbji9k0
        l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL+yRT+SFd2lZS+pC
        gNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb/7OMg0LOL+bSf63kpaSHSX
        ndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uD
        Zlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxXFvUK+DWNmoudF8NAco9/h9iaGNj8
        q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQIDAQABAoIBABKucaRpzQorw35S
        bEUAVx8dYXUdZOlJcHtiWQ+dC6V8ljxAHj/PLyzTveyI5QO/xkObCyjIL303l2cf
        UhPu2MFaJdjVzqACXuOrLot/eSFvxjvqVidTtAZExqFRJ9mylUVAoLvhowVWmC1O
        n95fZCXxTUtxNEG1Xcc7m0rtzJKs45J+N/V9DP1edYH6USyPSWGp6wuA+KgHRnKK
        Vf9GRx80JQY7nVNkL17eHoTWEwga+lwi0FEoW9Y7lDtWXYmKBWhUE+U8PGxlJf8f
        40493HDw1WRQ/aSLoS4QTp3rn7gYgeHEvfJdkkf0UMhlknlo53M09EFPdadQ4TlU
        bjqKc50CgYEA4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH/5IB3jw3bcxGn6QLvnE
        tfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw/Py5PJdTJNPY8cQn7ouZ2KKDcmnPG
        BY5t7yLc1QlQ5xHdwW1VhvKn+nXqhJTBgIPgtldC+KDV5z+y2XDwGUcCgYEAuQPE
        fgmVtjL0Uyyx88GZFF1fOunH3+7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYs
        p1ZSe7zFYHj7C6ul7TjeLQeZD/YwD66t62wDmpe/HlB+TnBA+njbglfIsRLtXlnD
        zQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdcCgYAHAp9XcCSrn8wVkMVkKdb7
        DOX4IKjzdahm+ctDAJN4O/y7OW5FKebvUjdAIt2GuoTZ71iTG+7F0F+lP88jtjP4
        U4qe7VHoewl4MKOfXZKTe+YCS1XbNvfgwJ3Ltyl1OH9hWvu2yza7q+d5PCsDzqtm
        27kxuvULVeya+TEdAB1ijQKBgQCH/3r6YrVH/uCWGy6bzV1nGNOdjKc9tmkfOJmN
        54dxdixdpozCQ6U4OxZrsj3FcOhHBsqAHvX2uuYjagqvo3cOj1TRqNocX40omfCC
        Mx3bD1yPPf/6TI2XECva/ggqEY2mYzmIiA5LVVmc5nrybr+lssFKneeyxN2Wq93S
        0iJMdQKBgCGHewxzoa1r8ZMD0LETNrToK423K377UCYqXfg5XMclbrjPbEC3YI1Z
        NqMtuhdBJqUnBi6tjKMF+34Xf0CUN8ncuXGO2CAYvO8PdyCixHX52ybaDjy1FtCE
        6yUXjoKNXKvUm7MWGsAYH6f4IegOetN5NvmUMFStCSkh7ixZLkN1
        -----END RSA PRIVATE KEY-----

        """

    /// The same key under a passphrase.
    package static let rfc7515Encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIIFNTBfBgkqhkiG9w0BBQ0wUjAxBgkqhkiG9w0BBQwwJAQQOHonep5w/KXZDBqY
        Tj2qUAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEPzUsBfQ6uu9L1kL
        TlaCU3AEggTQmteXEYZL4ykfN0Z+kKmP/lLkSMkgcUR78Xwl3xKQA9L2SUmr8W7w
        eaH3Y65aeueK/UUq5iKNCsPr0QYTeKxB8xd5dlUyhvsMtegqz7l91YLMcPKRBkc4
        fmLJIanGVN9kFVqw8Vvty8XEG8h0loBMX39GXC82aZfpsd8LseWGnFAPOa5VEG+g
        gm6+gOGECObDUCiy3EWXfm5V+MuhSxm7ndyAPpljhD7oLbwsHKNSbgrmv1fH9EU/
        3xJn8q7FSUBNonxOULPMOjNqXsKc4s3SXaL9+3atI12ur1jlBVGyB1aW/+HuUMat
        rwnXcGuhmopSUlOrQZyljmsqAFLNh2jGL/437yvWa9/RI95VtoWJbJpe7VlMnXBQ
        aIIrB7Dp9eaCujLajyYmX/0C2x3z8CXLHekpAguUotTjiZ5wFe0hwp8HLwjpm6qQ
        /Fin0xZ9oRHNXYwMQE10TBINHH5JVPAE36aos8IVodcpEW4mSgsqDHdwt/VAUthJ
        iTrU7Oq6CARMfuLCJJTkjHSL0uC9VcJauEGzKkwWa46cNp4XemCcqy9NKKP/VhNV
        gWd+bmvFDkWGBOpfpYY8RDcM8ik1MMHLbsE3uvpz7pZ/JcpN4Gsrw980puIxwLtu
        q9hEtM1TR0t+drUaIkkz2qJQf/qgSJARfcEUm/kOn/cHdlRvf8BWlYmY7HTqYW5y
        f6wNM61blRrgs3Obf2cGMgGtEmSjL+D5oYkC8vzf/WpoNmpwz+L82uZVzXlrGc/6
        BVUiafA6D+czFjmZTKVCn/u7p2pLmUSahAO0gGlhKqJVo9HTAmAIkPlJj7tRtolB
        uvTy68Zno+DmKbjp0PAjjcNMiJKGTLlo6YHQ6ko2XMICPo9OcTpcHknJ6g3+GsH3
        1U18bGX6/ov1KOLI/0GX8gDLADaWUu0jzObsoZNTXx8zVOQQvq1tf5vG2Rt2IJ1E
        6Zd3p4krHTsHlUCleIZjedRcrQ/9fv6t9BpBzftpInF4t0yt9PZ6y+10uSWmaRqU
        RdpwEbIwBhRvGaN1QBSu9V9knRQi90lqTNSfmcDpbhpIBz496w82YOIgUjpFHuoZ
        i1VDRoVphKL4dsGemS/1n5SkxDtKJaicuGMx0cUmdKEHZCmLie4Ps4E5ipi2na0O
        aJR/T56K1fkDp7qiZvM9I8GaKLpTdSbJ1mCM8w6QgYLg/EuTiRK77O3Varp0NFLY
        7PxNuyvlSJ2lN/e04AhvTwnHKc/jJxYPNFjQ7rrwRYm0TKsbkacKo2ccMeAyLsqt
        AyfayQ6XpalSZ6pCylZV4Rg0tnn9+r5cFse+oqbJvaIAnv0sMEzCpm3Jp8Mc15R6
        /29TTW5VMuvzkBfPZjRCqfIVRuQUtA8CEYWy3zdG0chzEfUUugq8rDant68LTdys
        fiNvj2hrbMc/HcR2I7Gq6PeFQgS4m4LuadQFnVTheshCPpI+JDJ7ALK2TxMfXDW5
        nD18CmsmYJaf4FrQyqevB8AN7m0X5VTVJgjmSz61JZN0Z9B/TqKH/Zh1b5yf8V/4
        orJg6n/08BDYWrsF3zWFtNmc7vIKyq1NgSQxGPYSC8yzPdEft5BKx0x2+iZFi4qW
        0zFkUHyMLPwipanukeQCjuSB8b1KGX/RSTQRtGtQ9vZe2UeYexM9fEI=
        -----END ENCRYPTED PRIVATE KEY-----

        """

    /// RSA with 1024 bits.
    package static let short = """
        -----BEGIN PRIVATE KEY-----
        MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALzgJG4ifYyzui8h
        JBA/ylvAMjWdWm5idmEUsOIMHKH8Af88R8wLm9sHvAvciXjT3oZWYfAfT3MVLmSs
        PPN76XP7GcVTjajidgyHhMPHmt97Xg53uX5DBjFFOqE/WDfXdrqMQTEwzCAxKjrb
        kQo2efPcD9L7fo5F5v8Hu0ofLWbJAgMBAAECgYEAjbBoI+bj4IWDio+GClqQZ7wK
        7oWYrW5X+AQZnboQUMRIizyhb8TVqr5mp09OIcJvEMAEwKn8ZAzjvMoo/09ZlUod
        GofvgjDOURSfcGN6kRg4G9YwARG5pD4nGqF1eMSH/0brnrCGmywXTdjFQ5XtrP+i
        kX7Z3nKsub+ML7ld2vECQQDik0Blx6mVUPyLrC3hTriR3iFk7zF0GvYIp7JkZEeg
        MW7vaRR7NjJSHBeD3R65m8eM/LoAOazpx8CyRhq6xyP3AkEA1WeGAadeYXMd7GOG
        iLNlBzx2jHg9mDsI9VLselnW4NmtQtnfyTL5yrbGOBcU0LHrLBCHonXx5QfJ5wmB
        woObPwJAB+5LlMR2ZSmejW0LdhWBVGnIFXZh7sR61Da6gdUYxLy2O18cPmvZOxKM
        qCr3RlvzkjXOdO+P4+cAEb1udhc+ZQJAWE5ZTm/ihzKqjDn23rRVNvRXHfNXkZnE
        MDfbMRnh5/NLVeFwUAJvCOovBeDPNTiaVwaUCa8CpMJfUuJFNqdc4wJAab0rrCwe
        8uJZq69J8bH5HO9dTz0U6nn3mXg+K9w5asDnBaZMKQRwhLu5QjBzVDtymQezY50U
        6kTPSdf//eqpQg==
        -----END PRIVATE KEY-----

        """

    /// P-256.
    package static let ellipticCurve = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFfcFpCx+mB9j0ahd
        7ajQZaWe3Mg8eG5+CIEaSNN6GgShRANCAASJ5rnn4naOwsZXQHOimnBr6NTSldUM
        lO4vTgEmzDj46/HIuZbSGRU1TS32O0Vqj1NHyzVqsf8FxUOKaebAtuRB
        -----END PRIVATE KEY-----

        """

    /// What RFC 7515, appendix A.2, signs, and the signature that it prints.
    package static let signingInput =
        "eyJhbGciOiJSUzI1NiJ9."
        + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    package static let signature: [UInt8] = [
        112, 46, 33, 137, 67, 232, 143, 209, 30, 181, 216, 45, 191, 120, 69, 243, 65, 6, 174, 27, 129, 255, 247, 115,
        17, 22, 173, 209, 113, 125, 131, 101, 109, 66, 10, 253, 60, 150, 238, 221, 115, 162, 102, 62, 81, 102, 104, 123,
        0, 11, 135, 34, 110, 1, 135, 237, 16, 115, 249, 69, 229, 130, 173, 252, 239, 22, 216, 90, 121, 142, 232, 198,
        109, 219, 61, 184, 151, 91, 23, 208, 148, 2, 190, 237, 213, 217, 217, 112, 7, 16, 141, 178, 129, 96, 213, 248,
        4, 12, 167, 68, 87, 98, 184, 31, 190, 127, 249, 217, 46, 10, 231, 111, 36, 242, 91, 51, 187, 230, 244, 74, 230,
        30, 177, 4, 10, 203, 32, 4, 77, 62, 249, 18, 142, 212, 1, 48, 121, 91, 212, 189, 59, 65, 238, 202, 208, 102,
        171, 101, 25, 129, 253, 228, 141, 247, 127, 55, 45, 195, 139, 159, 175, 221, 59, 239, 177, 139, 93, 163, 204,
        60, 46, 176, 47, 158, 58, 65, 214, 18, 202, 173, 21, 145, 18, 115, 160, 95, 35, 185, 232, 56, 250, 175, 132,
        157, 105, 132, 41, 239, 90, 30, 136, 121, 130, 54, 195, 212, 14, 96, 69, 34, 165, 68, 200, 242, 122, 122, 45,
        184, 6, 99, 209, 108, 247, 202, 234, 86, 222, 64, 92, 178, 33, 90, 69, 178, 194, 85, 102, 181, 90, 193, 167, 72,
        160, 112, 223, 200, 163, 42, 70, 149, 67, 208, 25, 238, 251, 71,
    ]
}
