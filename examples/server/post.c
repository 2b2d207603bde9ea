/*
 * post.c - sends one message to an endpoint: a POST, signed anew for each attempt.
 *
 * The timestamp that is signed is that of the attempt, so a message that comes late is not refused
 * for its age. Redirects are not followed: the message goes to the URL that the operator wrote, and
 * nowhere else. Of the answer only the status counts; its body is read up to a bound and discarded.
 * A status that came counts also when the body did not end.
 */
#include "common/transfers.h"
#include "relay_state.h"
#include "server.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ANSWER_MAX = 65536, SIGNATURES = 400 };

#if LIBCURL_VERSION_NUM >= 0x075500
#define SET_PROTOCOLS(easy) curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https")
#else
#define SET_PROTOCOLS(easy)                                                                        \
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS))
#endif

const char *post_reason(unsigned code, char out[80])
{
    if (code == CODE_UNREADABLE)
        (void)snprintf(out, 80, "the event does not decode");
    else if (code >= 100)
        (void)snprintf(out, 80, "HTTP %u%s", code,
                       code / 100 == 3 ? ", a redirect that is not followed" : "");
    else
        (void)snprintf(out, 80, "%.79s", curl_easy_strerror((CURLcode)code));
    return out;
}

static size_t take_answer(char *data, size_t size, size_t count, void *to)
{
    relay *r = to;
    (void)data;
    r->answered += size * count;
    return r->answered > ANSWER_MAX ? 0 : size * count;
}

static bool add_header(relay *r, const char *name, const char *value)
{
    char line[SIGNATURES + 40];
    (void)snprintf(line, sizeof(line), "%s:%s%s", name, value[0] == '\0' ? "" : " ", value);
    struct curl_slist *longer = curl_slist_append(r->headers, line);
    if (longer != NULL)
        r->headers = longer;
    return longer != NULL;
}

/* The headers of a message at this moment. */
static bool set_headers(relay *r, const message *m)
{
    char id[100], timestamp[24], signatures[SIGNATURES];
    (void)snprintf(id, sizeof(id), "%s_%s", r->store, m->id);
    (void)snprintf(timestamp, sizeof(timestamp), "%lld", (long long)time(NULL));
    const webhook_message as = {
        .id = id, .timestamp = timestamp, .body = m->body, .body_bytes = m->bytes};
    curl_slist_free_all(r->headers);
    r->headers = NULL;
    return webhook_sign(&r->to.secrets, r->to.name, &as, signatures, sizeof(signatures)) &&
           add_header(r, "Content-Type", "application/cloudevents+json") &&
           add_header(r, "webhook-id", id) && add_header(r, "webhook-timestamp", timestamp) &&
           add_header(r, "webhook-signature", signatures) &&
           add_header(r, "Expect", ""); /* no pause before the body */
}

static void set_options(relay *r, const message *m)
{
    CURL *easy = r->easy;
    const long ms = (long)r->all->server->settings.endpoint_ms;
    (void)curl_easy_setopt(easy, CURLOPT_URL, r->to.url);
    (void)SET_PROTOCOLS(easy);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, m->body);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)m->bytes);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "holdfast-server");
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, r);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, r);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ms);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms);
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

bool post_message(relay *r, const message *m)
{
    if (r->easy == NULL)
        r->easy = curl_easy_init();
    if (r->easy == NULL || !set_headers(r, m))
        return false;
    curl_easy_reset(r->easy); /* connections stay */
    r->answered = 0;
    set_options(r, m);
    return transfers_add(r->all->curl, r->easy) == CURLM_OK;
}

void post_done(CURL *easy, CURLcode result)
{
    relay *r = NULL;
    long status = 0;
    curl_off_t after_s = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&r);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after_s);
    const outcome how = {.code = status >= 200 && status < 600 ? (unsigned)status : result,
                         .after_ms = after_s > 0 && after_s < 1000000 ? after_s * 1000 : 0};
    relay_posted(r, &how);
}

void post_fini(relay *r)
{
    if (r->easy != NULL) {
        transfers_remove(r->all->curl, r->easy);
        curl_easy_cleanup(r->easy);
    }
    curl_slist_free_all(r->headers);
    r->easy = NULL;
    r->headers = NULL;
}
