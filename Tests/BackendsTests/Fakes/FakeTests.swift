import ManagerFakes
import Testing

/// A fake counts as the manager only once a client that others wrote for the manager is served by it.
@Suite(.serialized)
struct FakeTests {
    @Test func hvacIsServedAsByVault() throws {
        #expect(try CheckScript.run("check_vault.py").contains("open_bao"))
    }

    @Test func boto3IsServedAsByAWS() throws {
        #expect(try CheckScript.run("check_aws.py").contains("writing"))
    }

    @Test func azuresLibrariesAreServedAsByAzure() throws {
        #expect(try CheckScript.run("check_azure.py").contains("beyond_the_sdk"))
    }

    @Test func googlesLibrariesAreServedAsByGoogle() throws {
        #expect(try CheckScript.run("check_google.py").contains("beyond_the_sdk"))
    }

    @Test func dopplersLibraryIsServedAsByDoppler() throws {
        #expect(try CheckScript.run("check_doppler.py").contains("beyond_the_sdk"))
    }

    @Test func onePasswordsLibraryIsServedAsByAConnectServer() throws {
        #expect(try CheckScript.run("check_onepassword.py").contains("beyond_the_sdk"))
    }

    @Test func delineasLibraryIsServedAsByDelinea() throws {
        #expect(try CheckScript.run("check_delinea.py").contains("beyond_the_sdk"))
    }

    @Test func beyondTrustsLibraryIsServedAsBySecretsSafe() throws {
        #expect(try CheckScript.run("check_beyondtrust.py").contains("beyond_the_library"))
    }

    @Test func aLibraryOfOthersIsServedAsByPrivilegedAccessManager() throws {
        #expect(try CheckScript.run("check_cyberark.py").contains("beyond_the_library"))
    }

    @Test func cyberArksLibraryIsServedAsByConjur() throws {
        #expect(try CheckScript.run("check_conjur.py").contains("beyond_the_library"))
    }

    @Test func librariesOfOthersAreServedAsByACentralCredentialProvider() throws {
        #expect(try CheckScript.run("check_ccp.py").contains("beyond_the_libraries"))
    }

    @Test func elasticsearchsLibraryIsServedAsByACluster() throws {
        #expect(try CheckScript.run("check_elasticsearch.py").contains("others"))
    }
}
