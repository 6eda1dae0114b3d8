#include "CMemorySearch.h"
#ifdef MEMORY_PROBE
#include <stdlib.h>
#include <string.h>

#define MASK 0x5a
#define WORD_MASK 0x5a5a5a5a5a5a5a5aULL

struct entry {
    uint64_t word; /* the first 8 bytes, masked */
    const uint8_t *bytes;
    uint32_t length;
    uint32_t needle;
};

struct memory_search {
    uint8_t *text;
    struct entry *entries;
    size_t count;
    int shift;
    uint8_t *seen; /* a bit for each hash of a first word */
};

static uint64_t word_at(const uint8_t *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static int by_word(const void *left, const void *right) {
    uint64_t l = ((const struct entry *)left)->word, r = ((const struct entry *)right)->word;
    return l < r ? -1 : l > r;
}

memory_search *memory_search_make(const uint8_t *masked, const uint32_t *lengths, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] < 8) return NULL;
        total += lengths[i];
    }
    memory_search *search = calloc(1, sizeof *search);
    if (!search) return NULL;
    int bits = 16;
    while (bits < 28 && ((size_t)1 << bits) < 32 * count) bits++;
    search->count = count;
    search->shift = 64 - bits;
    search->text = malloc(total ? total : 1);
    search->entries = calloc(count ? count : 1, sizeof *search->entries);
    search->seen = calloc((size_t)1 << (bits - 3), 1);
    if (!search->text || !search->entries || !search->seen) {
        memory_search_free(search);
        return NULL;
    }
    memcpy(search->text, masked, total);
    const uint8_t *next = search->text;
    for (size_t i = 0; i < count; i++) {
        search->entries[i] = (struct entry){word_at(next), next, lengths[i], (uint32_t)i};
        uint64_t hash = (word_at(next) * 0x9e3779b97f4a7c15ULL) >> search->shift;
        search->seen[hash >> 3] |= (uint8_t)(1 << (hash & 7));
        next += lengths[i];
    }
    qsort(search->entries, count, sizeof *search->entries, by_word);
    return search;
}

void memory_search_free(memory_search *search) {
    if (!search) return;
    free(search->text);
    free(search->entries);
    free(search->seen);
    free(search);
}

static int is_at(const struct entry *entry, const uint8_t *at, size_t rest) {
    if (entry->length > rest) return 0;
    for (uint32_t i = 8; i < entry->length; i++)
        if ((at[i] ^ MASK) != entry->bytes[i]) return 0;
    return 1;
}

void memory_search_run(const memory_search *search, const void *memory, size_t size, uint32_t *found,
                       void (*hit)(void *context, size_t offset, uint32_t needle), void *context) {
    const uint8_t *bytes = memory;
    for (size_t i = 0; i + 8 <= size; i++) {
        uint64_t masked = word_at(bytes + i);
        if (masked == 0 && i + 72 <= size) {
            /* Most memory is blank, and no needle holds eight zeros in a row. */
            uint64_t any = 0;
            for (size_t k = 1; k <= 8; k++) any |= word_at(bytes + i + 8 * k);
            if (any == 0) {
                i += 63;
                continue;
            }
        }
        masked ^= WORD_MASK;
        uint64_t hash = (masked * 0x9e3779b97f4a7c15ULL) >> search->shift;
        if (!(search->seen[hash >> 3] & (1 << (hash & 7)))) continue;
        size_t low = 0, high = search->count;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (search->entries[middle].word < masked) low = middle + 1; else high = middle;
        }
        for (; low < search->count && search->entries[low].word == masked; low++) {
            const struct entry *entry = &search->entries[low];
            if (!is_at(entry, bytes + i, size - i)) continue;
            found[entry->needle]++;
            if (hit) hit(context, i, entry->needle);
        }
    }
}
#endif
