/* Android's C library for a desktop: what libtensorflowlite_jni.so imports from bionic, on top of glibc, so that the
   engine that ships in the app runs in a desktop JVM's tests.

   Here are only the functions whose binary interface differs between the two. All others are forwarded by trampolines
   that build.sh generates; forwarded.txt lists those that were reviewed. Every function below is exported under the
   version LIBC, which bionic's objects ask for, and glibc's own stay as they are. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* BIONIC(f): bionic_f is what the engine finds as f. build.sh reads these lines. */
#define BIONIC(name) __asm__(".symver bionic_" #name "," #name "@LIBC,remove");

#define REFUSE(...)                                  \
    do {                                             \
        fprintf(stderr, "bionic shim: " __VA_ARGS__); \
        fputc('\n', stderr);                         \
        abort();                                     \
    } while (0)

/* --- errno, log, properties, checked string functions --- */

BIONIC(__errno)
int *bionic___errno(void) { return &errno; }

BIONIC(__android_log_vprint)
int bionic___android_log_vprint(int priority, const char *tag, const char *format, va_list arguments) {
    char message[1024];
    vsnprintf(message, sizeof message, format, arguments);
    const char *path = getenv("ANDROID_LOG_FILE"); /* for tests that read the log */
    FILE *log = path ? fopen(path, "a") : NULL;
    int written = fprintf(log ? log : stderr, "%c/%s: %s\n", "??VDIWEFS"[priority & 7], tag ? tag : "", message);
    if (log) fclose(log);
    return written;
}

BIONIC(android_set_abort_message)
void bionic_android_set_abort_message(const char *message) { fprintf(stderr, "abort: %s\n", message ? message : ""); }

/* Without a version of Android above 19 TensorFlow Lite's Java side does not look for XNNPACK, and does not say so. */
BIONIC(__system_property_get)
int bionic___system_property_get(const char *name, char *value) {
    strcpy(value, strcmp(name, "ro.build.version.sdk") ? "" : "34");
    return (int)strlen(value);
}

BIONIC(__strlen_chk)
size_t bionic___strlen_chk(const char *string, size_t size) {
    size_t length = strlen(string);
    if (length >= size) REFUSE("a string runs out of its %zu bytes", size);
    return length;
}

/* bionic's is POSIX's, which returns a number; glibc's under the same name returns a string. */
BIONIC(strerror_r)
int bionic_strerror_r(int error, char *buffer, size_t size) {
    const char *text = strerrordesc_np(error);
    snprintf(buffer, size, "%s", text ? text : "Unknown error");
    return 0;
}

/* --- memory --- */

/* XNNPACK built for Android on x86_64 allocates its operators at 32 bytes, and its AVX-512 kernels read parameters there
   as if at 64. A phone or emulator has no AVX-512. A stricter alignment is a valid answer. */
BIONIC(memalign)
void *bionic_memalign(size_t alignment, size_t size) { return aligned_alloc(alignment < 64 ? 64 : alignment, size); }

/* --- sysconf: other numbers for the same questions (bionic's bits/sysconf.h) --- */

BIONIC(sysconf)
long bionic_sysconf(int question) {
    switch (question) {
    case 0x27:
    case 0x28:
        return sysconf(_SC_PAGESIZE);
    case 0x60:
        return sysconf(_SC_NPROCESSORS_CONF);
    case 0x61:
        return sysconf(_SC_NPROCESSORS_ONLN);
    case 0x62:
        return sysconf(_SC_PHYS_PAGES);
    case 0x63:
        return sysconf(_SC_AVPHYS_PAGES);
    }
    REFUSE("sysconf(%#x) is not known", question);
}

/* --- stdio: streams are glibc's own, but for the three that bionic addresses as __sF[i], 152 bytes each --- */

#define STREAM 152

BIONIC(__sF)
char bionic___sF[3][STREAM];

static FILE *stream(FILE *file) {
    size_t offset = (size_t)((char *)file - bionic___sF[0]);
    return offset == 0 ? stdin : offset == STREAM ? stdout : offset == 2 * STREAM ? stderr : file;
}

BIONIC(vfprintf)
int bionic_vfprintf(FILE *file, const char *format, va_list arguments) {
    return vfprintf(stream(file), format, arguments);
}

BIONIC(fprintf)
int bionic_fprintf(FILE *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int written = vfprintf(stream(file), format, arguments);
    va_end(arguments);
    return written;
}

BIONIC(fputc)
int bionic_fputc(int character, FILE *file) { return fputc(character, stream(file)); }

BIONIC(fwrite)
size_t bionic_fwrite(const void *from, size_t size, size_t count, FILE *file) {
    return fwrite(from, size, count, stream(file));
}

BIONIC(fread)
size_t bionic_fread(void *into, size_t size, size_t count, FILE *file) {
    return fread(into, size, count, stream(file));
}

BIONIC(fflush)
int bionic_fflush(FILE *file) { return fflush(file ? stream(file) : NULL); }

BIONIC(fileno)
int bionic_fileno(FILE *file) { return fileno(stream(file)); }

BIONIC(fclose)
int bionic_fclose(FILE *file) { return fclose(stream(file)); }

/* --- threads. In bionic a mutex has 40 bytes, a condition 48, both aligned to 4; all zero is a valid default, as in glibc --- */

/* arm64's glibc would clear 48 bytes. */
BIONIC(pthread_mutex_init)
int bionic_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    if (attributes) REFUSE("a mutex has attributes");
    memset(mutex, 0, 40);
    return 0;
}

BIONIC(pthread_mutex_lock)
int bionic_pthread_mutex_lock(pthread_mutex_t *mutex) {
    /* bionic's static initialisers of other kinds set bits that glibc would misread. */
    if (mutex->__data.__kind) REFUSE("a mutex of kind %#x", mutex->__data.__kind);
    if (mutex->__data.__lock & 0xc000) REFUSE("a recursive mutex");
    return pthread_mutex_lock(mutex);
}

BIONIC(pthread_create)
int bionic_pthread_create(pthread_t *thread, const void *attributes, void *(*run)(void *), void *argument) {
    if (attributes) REFUSE("a thread has attributes");
    return pthread_create(thread, NULL, run, argument);
}

/* glibc's condition wants an alignment of 8 bytes, which bionic's has not: a counter that is waited for, as in bionic. */
BIONIC(pthread_cond_init)
int bionic_pthread_cond_init(int *condition, const void *attributes) {
    if (attributes) REFUSE("a condition has attributes");
    *condition = 0;
    return 0;
}

BIONIC(pthread_cond_destroy)
int bionic_pthread_cond_destroy(int *condition) {
    (void)condition;
    return 0;
}

static int wake(int *condition, int threads) {
    __atomic_add_fetch(condition, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, condition, FUTEX_WAKE_PRIVATE, threads, NULL, NULL, 0);
    return 0;
}

BIONIC(pthread_cond_signal)
int bionic_pthread_cond_signal(int *condition) { return wake(condition, 1); }

BIONIC(pthread_cond_broadcast)
int bionic_pthread_cond_broadcast(int *condition) { return wake(condition, INT_MAX); }

BIONIC(pthread_cond_wait)
int bionic_pthread_cond_wait(int *condition, pthread_mutex_t *mutex) {
    int seen = __atomic_load_n(condition, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(mutex);
    syscall(SYS_futex, condition, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    return pthread_mutex_lock(mutex);
}
