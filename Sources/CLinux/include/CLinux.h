#pragma once
/* What Linux offers and Swift's Glibc module does not import. Nothing here decides anything. */
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/types.h>

/* memfd_secret(2): a descriptor, or -1 with errno set. */
int linux_memfd_secret(void);
/* mlock2(2) without MLOCK_ONFAULT: every page is populated now. 0, or -1 with errno set. */
int linux_mlock2(void *start, size_t length);
/* prctl(2): 0, or -1 with errno set. */
int linux_set_dumpable(int on);
int linux_get_dumpable(void);
int linux_set_no_new_privileges(void);
int linux_set_thread_name(const char *name);
/* setrlimit(RLIMIT_CORE) to 0, hard and soft. */
int linux_forbid_core_files(void);
/* RLIMIT_MEMLOCK's soft limit in bytes; UINT64_MAX where there is none. */
uint64_t linux_memlock_limit(void);
/* RLIMIT_NOFILE: raises the soft limit to the hard one and returns it. */
uint64_t linux_raise_descriptor_limit(void);
/* For the calling thread, which works seldom and must not wait: before the others, as far as it is allowed. */
void linux_raise_thread_priority(void);
/* setpriority(2) for the calling thread: a little behind the others. */
void linux_lower_thread_priority(void);
/* Processors that this process may run on; at least 1. */
int linux_processor_count(void);
/* From now on a thread that faults or aborts waits for the process's end instead of ending it; the main thread ends it. For a
   process whose memory is about to be wiped under its feet. */
void linux_park_on_fault(void);
/* accept4(2) with SOCK_NONBLOCK | SOCK_CLOEXEC. */
int linux_accept(int listener);
/* SO_PEERCRED: 0, or -1 with errno set. */
int linux_peer_credentials(int socket, pid_t *pid, uid_t *uid, gid_t *gid);
/* Bytes from p that a debugger of the same user could see is none of our business; this is ours: wipes this thread's
   stack below the caller, and the vector registers. */
void linux_scrub_stack(void);
/* Gives up this process's hold on the file pages of its code and constants, which starting touched and serving mostly does
   not; what is needed comes back from the page cache. Never touches a mapping that can be or was written. */
void linux_release_code_pages(void);
/* The main thread's environment block, as the kernel shows it in /proc/PID/environ. */
extern char **environ;

/* One pointer for each thread, for the allocator's cache; Swift has no thread-local storage. */
extern _Thread_local void *linux_thread_cache_storage __attribute__((tls_model("initial-exec")));
static inline void *linux_thread_cache_get(void) { return linux_thread_cache_storage; }
static inline void linux_thread_cache_set(void *cache) { linux_thread_cache_storage = cache; }
