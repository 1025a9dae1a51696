/* A shim of Android's C library (bionic) on top of glibc. It provides what libtensorflowlite_jni.so imports, so that the
   engine of the app runs in a desktop JVM's tests.

   This file has only the functions whose binary interface differs between bionic and glibc. build.sh generates
   trampolines for all others; forwarded.txt lists those that were reviewed. Every function below is exported with the
   symbol version LIBC, which bionic's objects request. glibc's own functions are unchanged. */
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

/* BIONIC(f): export bionic_f to the engine as f. build.sh reads these lines. */
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

/* TensorFlow Lite's Java code uses XNNPACK only if the Android version is above 19, and logs nothing otherwise. */
BIONIC(__system_property_get)
int bionic___system_property_get(const char *name, char *value) {
    strcpy(value, strcmp(name, "ro.build.version.sdk") ? "" : "34");
    return (int)strlen(value);
}

BIONIC(__strlen_chk)
size_t bionic___strlen_chk(const char *string, size_t size) {
    size_t length = strlen(string);
    if (length >= size) REFUSE("a string exceeds its %zu bytes", size);
    return length;
}

/* bionic has the POSIX version, which returns an int. glibc's function of this name returns a string. */
BIONIC(strerror_r)
int bionic_strerror_r(int error, char *buffer, size_t size) {
    const char *text = strerrordesc_np(error);
    snprintf(buffer, size, "%s", text ? text : "Unknown error");
    return 0;
}

/* --- memory --- */

/* XNNPACK for Android on x86_64 aligns its operators to 32 bytes, but its AVX-512 kernels expect their parameters aligned
   to 64. Phones and emulators have no AVX-512. A stricter alignment is always valid. */
BIONIC(memalign)
void *bionic_memalign(size_t alignment, size_t size) { return aligned_alloc(alignment < 64 ? 64 : alignment, size); }

/* --- sysconf: bionic has other constants (its bits/sysconf.h) --- */

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
    REFUSE("sysconf(%#x) is not supported", question);
}

/* --- stdio: streams are glibc's, except stdin, stdout and stderr, which bionic addresses as __sF[i], 152 bytes each --- */

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

/* --- threads: in bionic a mutex has 40 bytes and a condition 48, both aligned to 4; all zeros is a valid default, as in glibc --- */

/* glibc on arm64 would clear 48 bytes. */
BIONIC(pthread_mutex_init)
int bionic_pthread_mutex_init(pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes) {
    if (attributes) REFUSE("mutex attributes are not supported");
    memset(mutex, 0, 40);
    return 0;
}

BIONIC(pthread_mutex_lock)
int bionic_pthread_mutex_lock(pthread_mutex_t *mutex) {
    /* bionic's static initialisers for other mutex types set bits that glibc would misinterpret. */
    if (mutex->__data.__kind) REFUSE("a mutex of kind %#x is not supported", mutex->__data.__kind);
    if (mutex->__data.__lock & 0xc000) REFUSE("a recursive mutex is not supported");
    return pthread_mutex_lock(mutex);
}

BIONIC(pthread_create)
int bionic_pthread_create(pthread_t *thread, const void *attributes, void *(*run)(void *), void *argument) {
    if (attributes) REFUSE("thread attributes are not supported");
    return pthread_create(thread, NULL, run, argument);
}

/* glibc's conditions need an alignment of 8 bytes, which bionic's lack. Use a counter and a futex, as bionic does. */
BIONIC(pthread_cond_init)
int bionic_pthread_cond_init(int *condition, const void *attributes) {
    if (attributes) REFUSE("condition attributes are not supported");
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
