/* The net under the arena: whatever the language runtime or another library hands to free or realloc is wiped first.
   The executable's symbols come before libc's, so this also serves the shared libraries that it loads. */
#define _GNU_SOURCE
#include "CWipingFree.h"
#include <errno.h>
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern void *__libc_malloc(size_t);
extern void __libc_free(void *);

#ifdef MEMORY_PROBE
/* Debug builds can run without the measures, to prove that a search of their memory finds what is not wiped. */
static int wipes(void) {
    static int known;
    if (!known) {
        const char *measures = getenv("TACIT_PROBE_MEASURES");
        known = measures && strcmp(measures, "off") == 0 ? 1 : 2;
    }
    return known == 2;
}
#else
static int wipes(void) { return 1; }
#endif

int wiping_free_is_in_force(void) { return 1; }

void free(void *block) {
    if (!block) return;
    int saved = errno;
    if (wipes()) explicit_bzero(block, malloc_usable_size(block));
    __libc_free(block);
    errno = saved;
}

void *realloc(void *block, size_t size) {
    if (!block) return __libc_malloc(size);
    if (!size) {
        free(block);
        return NULL;
    }
    size_t held = malloc_usable_size(block);
    if (size <= held && size >= held / 2) {
        if (wipes()) explicit_bzero((char *)block + size, held - size);
        return block;
    }
    void *moved = __libc_malloc(size);
    if (!moved) return NULL;
    memcpy(moved, block, held < size ? held : size);
    free(block);
    return moved;
}
