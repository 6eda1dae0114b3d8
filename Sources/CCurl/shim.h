#pragma once
#include <curl/curl.h>
/* Variadic functions are invisible to Swift: one twin for each type of argument. Nothing here decides anything. */

static inline CURLcode shim_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode shim_set_text(CURL *easy, CURLoption option, const char *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode shim_set_pointer(CURL *easy, CURLoption option, void *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode shim_set_list(CURL *easy, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(easy, option, value);
}
static inline CURLcode shim_set_blob(CURL *easy, CURLoption option, struct curl_blob *value) {
    return curl_easy_setopt(easy, option, value);
}

typedef size_t (*shim_receiver)(char *data, size_t size, size_t items, void *user);
static inline CURLcode shim_set_receiver(CURL *easy, CURLoption option, shim_receiver receive) {
    return curl_easy_setopt(easy, option, receive);
}
typedef CURLcode (*shim_context_prepared)(CURL *easy, void *context, void *user);
static inline CURLcode shim_set_context_prepared(CURL *easy, shim_context_prepared prepared) {
    return curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepared);
}

static inline CURLcode shim_get_pointer(CURL *easy, CURLINFO info, char **value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode shim_get_long(CURL *easy, CURLINFO info, long *value) {
    return curl_easy_getinfo(easy, info, value);
}
static inline CURLcode shim_get_offset(CURL *easy, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(easy, info, value);
}

typedef int (*shim_socket_changed)(CURL *easy, curl_socket_t socket, int what, void *user, void *about);
typedef int (*shim_timer_changed)(CURLM *multi, long milliseconds, void *user);
static inline CURLMcode shim_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode shim_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    return curl_multi_setopt(multi, option, value);
}
static inline CURLMcode shim_multi_set_socket_changed(CURLM *multi, shim_socket_changed changed) {
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, changed);
}
static inline CURLMcode shim_multi_set_timer_changed(CURLM *multi, shim_timer_changed changed) {
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, changed);
}
