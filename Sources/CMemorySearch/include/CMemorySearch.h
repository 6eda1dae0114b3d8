#pragma once
/* Searches memory for many needles in one pass. Defined in debug builds only: in all others this target is empty.

   Needles come and stay masked, each byte XORed with 0x5a, so that a search of the process that it runs in does not find
   itself. They have 8 bytes or more. */
#include <stddef.h>
#include <stdint.h>

typedef struct memory_search memory_search;

/* Takes copies of `count` needles that stand one behind the other in `masked`. NULL where one has fewer than 8 bytes, or
   where there is no memory. Free it with memory_search_free. */
memory_search *memory_search_make(const uint8_t *masked, const uint32_t *lengths, size_t count);
void memory_search_free(memory_search *search);

/* Adds what is found to found[needle], and tells `hit` of each, where there is one. */
void memory_search_run(const memory_search *search, const void *memory, size_t size, uint32_t *found,
                       void (*hit)(void *context, size_t offset, uint32_t needle), void *context);
