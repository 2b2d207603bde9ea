/*
 * console.c - the page, which the build makes of the files in console/.
 */
#include "console.h"
#include "console_page.h"

void console_answer(exchange *x)
{
    json_text_raw(&x->out, (const char *)console_page, sizeof(console_page));
    exchange_header(x, "Content-Security-Policy", "%s", console_policy);
    exchange_header(x, "X-Content-Type-Options", "nosniff");
    exchange_header(x, "Referrer-Policy", "no-referrer");
    exchange_header(x, "Cache-Control", "no-cache");
    exchange_answer(x, 200, "text/html; charset=utf-8");
}
