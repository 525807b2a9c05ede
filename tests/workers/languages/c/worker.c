// Answers "Hello from C!" without a libc and without generated bindings: the imports below are the
// core functions that the canonical ABI makes of `wasi:http/types`. A handle is an i32; a result
// that does not fit a value comes back through a pointer, its first byte 0 for ok.

#include <stddef.h>
#include <stdint.h>

#define HTTP "wasi:http/types@0.2.12"
#define STREAMS "wasi:io/streams@0.2.12"
#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

typedef int32_t handle;

struct handle_result {
    uint8_t failed;
    handle value;
};

IMPORT(HTTP, "[constructor]fields") handle fields_new(void);
IMPORT(HTTP, "[method]fields.append")
void fields_append(handle self, const char *name, size_t name_bytes, const char *value,
                   size_t value_bytes, uint8_t result[2]);
IMPORT(HTTP, "[constructor]outgoing-response") handle response_new(handle fields);
IMPORT(HTTP, "[method]outgoing-response.body")
void response_body(handle self, struct handle_result *result);
// Of the error's payload, which is absent here, the ABI passes every value flat.
IMPORT(HTTP, "[static]response-outparam.set")
void response_set(handle out, int32_t failed, handle response, int32_t, int64_t, int32_t, int32_t,
                  int32_t, int32_t);
IMPORT(HTTP, "[method]outgoing-body.write")
void body_write(handle self, struct handle_result *result);
IMPORT(HTTP, "[static]outgoing-body.finish")
void body_finish(handle self, int32_t has_trailers, handle trailers, uint64_t result[5]);
IMPORT(STREAMS, "[method]output-stream.blocking-write-and-flush")
void stream_write(handle self, const char *bytes, size_t length, int32_t result[3]);
IMPORT(STREAMS, "[resource-drop]output-stream") void stream_drop(handle self);

#define TEXT(text) text, sizeof(text) - 1

EXPORT("wasi:http/incoming-handler@0.2.12#handle")
void handle_request(handle request, handle out) {
    (void)request;
    uint8_t appended[2];
    struct handle_result body, stream;
    int32_t written[3];
    uint64_t finished[5];

    handle fields = fields_new();
    fields_append(fields, TEXT("content-type"), TEXT("text/plain"), appended);
    handle response = response_new(fields);
    response_body(response, &body);
    response_set(out, 0, response, 0, 0, 0, 0, 0, 0);
    body_write(body.value, &stream);
    stream_write(stream.value, TEXT("Hello from C!\n"), written);
    stream_drop(stream.value);
    body_finish(body.value, 0, 0, finished);
}

// Where the host asks for memory, for the text of an error. An instance answers once, so nothing
// is given back.
static uint64_t heap[512];
static size_t used;

EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_bytes, size_t align, size_t bytes) {
    (void)old;
    (void)old_bytes;
    size_t start = (used + align - 1) & ~(align - 1);
    if (bytes > sizeof(heap) - start)
        __builtin_trap();
    used = start + bytes;
    return (char *)heap + start;
}
