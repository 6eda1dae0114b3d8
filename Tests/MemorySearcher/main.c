/* Looks for needles where only root may look: in the memory and the registers of another process. Also in files.

     MemorySearcher process PID < NEEDLES
     MemorySearcher exit PID SIGNAL... < NEEDLES
     MemorySearcher files PATH... < NEEDLES
     MemorySearcher without-secret-memory PROGRAM ARGUMENT...

   The needles come as the probe of a debug agent takes them: their number and the length of each (four bytes,
   little-endian), then the masked needles. What is found goes to standard output, a line each, never the bytes themselves.

   The second form sends signals, one after the other, and searches the memory in the moment in which the process ends.

   The last form runs a program to which the kernel seems to have no memfd_secret(2), so that its locked memory can be
   searched from outside too. */
#define _GNU_SOURCE
#include "CMemorySearch.h"
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

enum { CHUNK = 1 << 20, OVERLAP = 4096 };

static memory_search *search;
static uint32_t *found;

/* Where the bytes under search come from. */
struct place {
    unsigned long long base;
    size_t limit; /* hits at or behind this offset are found again in the next chunk */
    const char *name;
};

static void report(void *context, size_t offset, uint32_t needle) {
    const struct place *place = context;
    if (offset < place->limit) printf("hit %u %llx %s\n", needle, place->base + offset, place->name);
}

static void fail(const char *what) {
    fprintf(stderr, "MemorySearcher: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void take(void *target, size_t size) {
    if (size > 0 && fread(target, size, 1, stdin) != 1) fail("read the needles");
}

static void read_needles(void) {
    uint32_t count;
    take(&count, sizeof count);
    uint32_t *lengths = calloc(count ? count : 1, sizeof *lengths);
    found = calloc(count ? count : 1, sizeof *found);
    if (!lengths || !found) fail("make room for the needles");
    take(lengths, count * sizeof *lengths);
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[i] > OVERLAP) fail("a needle is too long");
        total += lengths[i];
    }
    uint8_t *masked = malloc(total ? total : 1);
    if (!masked) fail("make room for the needles");
    take(masked, total);
    search = memory_search_make(masked, lengths, count);
    if (!search) fail("use the needles");
    free(masked);
    free(lengths);
}

/* Returns the bytes that could be read. */
static unsigned long long search_range(int file, unsigned long long start, unsigned long long end, const char *name) {
    static uint8_t buffer[CHUNK + OVERLAP];
    unsigned long long done = 0;
    for (unsigned long long at = start; at < end; at += CHUNK) {
        size_t wanted = end - at < sizeof buffer ? (size_t)(end - at) : sizeof buffer;
        ssize_t count = pread(file, buffer, wanted, (off_t)at);
        if (count <= 0) {
            /* One page that cannot be read must not hide its neighbours. */
            for (unsigned long long page = at; page < end && page < at + CHUNK; page += 4096) {
                count = pread(file, buffer, 4096, (off_t)page);
                if (count <= 0) continue;
                struct place place = {page, 4096, name};
                memory_search_run(search, buffer, (size_t)count, found, report, &place);
                done += (unsigned long long)count;
            }
            continue;
        }
        struct place place = {at, CHUNK, name};
        memory_search_run(search, buffer, (size_t)count, found, report, &place);
        done += count < CHUNK ? (unsigned long long)count : CHUNK;
    }
    return done;
}

static void search_memory(int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/maps", pid);
    FILE *maps = fopen(path, "re");
    if (!maps) fail(path);
    snprintf(path, sizeof path, "/proc/%d/mem", pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    if (memory < 0) fail(path);
    unsigned long long start, end, searched = 0;
    char rights[8], name[512], line[1024];
    while (fgets(line, sizeof line, maps)) {
        name[0] = 0;
        if (sscanf(line, "%llx-%llx %7s %*s %*s %*s %511[^\n]", &start, &end, rights, name) < 3) continue;
        /* The kernel's own pages: the clock, and the entry for system calls of old. */
        if (rights[0] != 'r' || strncmp(name, "[vvar", 5) == 0 || strcmp(name, "[vsyscall]") == 0) continue;
        if (!name[0]) strcpy(name, "anonymous");
        unsigned long long done = search_range(memory, start, end, name);
        searched += done;
        if (done < end - start) printf("unreadable %llx %llu %s\n", start, end - start - done, name);
    }
    printf("searched %llu\n", searched);
    close(memory);
    fclose(maps);
}

/* "[registers] " and what the thread is called. */
static void name_registers(char *name, size_t size, int process, int thread) {
    char path[64], called[32] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/comm", process, thread);
    FILE *file = fopen(path, "re");
    if (file && fgets(called, sizeof called, file)) called[strcspn(called, "\n")] = 0;
    if (file) fclose(file);
    snprintf(name, size, "[registers] %s", called);
}

/* Returns 1 where they could be read. */
static int search_registers_of(int process, int thread) {
    char name[64];
    name_registers(name, sizeof name, process, thread);
    if (ptrace(PTRACE_SEIZE, thread, 0, 0) != 0) return 0;
    int status, read = 0;
    if (ptrace(PTRACE_INTERRUPT, thread, 0, 0) == 0 && waitpid(thread, &status, __WALL) == thread && WIFSTOPPED(status)) {
        static const int sets[] = {NT_PRSTATUS, NT_PRFPREG, NT_X86_XSTATE};
        for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
            static uint8_t registers[64 << 10];
            struct iovec vector = {registers, sizeof registers};
            if (ptrace(PTRACE_GETREGSET, thread, (void *)(uintptr_t)sets[i], &vector) != 0) continue;
            struct place place = {(unsigned long long)thread, sizeof registers, name};
            memory_search_run(search, registers, vector.iov_len, found, report, &place);
            read = 1;
        }
    }
    ptrace(PTRACE_DETACH, thread, 0, 0);
    return read;
}

static void search_registers(int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks) fail(path);
    int threads = 0;
    for (struct dirent *entry; (entry = readdir(tasks));)
        if (entry->d_name[0] != '.') threads += search_registers_of(pid, atoi(entry->d_name));
    closedir(tasks);
    printf("threads %d\n", threads);
}

static void search_at_exit(int pid, int count, char **signals) {
    if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT) != 0) fail("trace the process");
    for (int i = 0; i < count; i++) {
        if (i > 0) usleep(200000);
        if (kill(pid, atoi(signals[i])) != 0) fail("send a signal");
    }
    int status;
    while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
        if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8))) {
            search_memory(pid);
            ptrace(PTRACE_DETACH, pid, 0, 0);
            return;
        }
        /* Group stops and other events have no signal to hand on. */
        int number = status >> 16 ? 0 : WSTOPSIG(status);
        ptrace(PTRACE_CONT, pid, 0, (void *)(intptr_t)number);
    }
    fail("see the process end");
}

static void search_file(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        if (errno == ENOENT) return;
        fail(path);
    }
    off_t size = lseek(file, 0, SEEK_END);
    printf("searched %llu\n", search_range(file, 0, (unsigned long long)size, path));
    close(file);
}

static void run_without_secret_memory(char **arguments) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_secret, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        fail("set a filter");
    execv(arguments[0], arguments);
    fail(arguments[0]);
}

int main(int count, char **arguments) {
    if (count > 2 && strcmp(arguments[1], "without-secret-memory") == 0) run_without_secret_memory(arguments + 2);
    if (count < 3) return 2;
    read_needles();
    if (strcmp(arguments[1], "process") == 0) {
        search_memory(atoi(arguments[2]));
        search_registers(atoi(arguments[2]));
    } else if (strcmp(arguments[1], "exit") == 0) {
        search_at_exit(atoi(arguments[2]), count - 3, arguments + 3);
    } else if (strcmp(arguments[1], "files") == 0) {
        for (int i = 2; i < count; i++) search_file(arguments[i]);
    } else {
        return 2;
    }
    return 0;
}
