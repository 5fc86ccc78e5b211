// A middleware in C that lets requests with the right key pass.

#include "gen/middleware_guest.h"

#include <string.h>

static middleware_guest_string_t text(const char *chars) {
  middleware_guest_string_t string;
  middleware_guest_string_set(&string, chars);
  return string;
}

static bool has_key(wasi_http_types_own_incoming_request_t request) {
  static const char key[] = "open sesame";
  wasi_http_types_own_fields_t headers =
      wasi_http_types_method_incoming_request_headers(wasi_http_types_borrow_incoming_request(request));
  middleware_guest_string_t name = text("x-key");
  middleware_guest_list_list_u8_t values;
  wasi_http_types_method_fields_get(wasi_http_types_borrow_fields(headers), &name, &values);
  bool found = false;
  for (size_t i = 0; i < values.len; i++) {
    middleware_guest_list_u8_t value = values.ptr[i];
    found |= value.len == sizeof(key) - 1 && memcmp(value.ptr, key, value.len) == 0;
  }
  middleware_guest_list_list_u8_free(&values);
  wasi_http_types_fields_drop_own(headers);
  return found;
}

static void refuse(wasi_http_types_own_response_outparam_t response_out) {
  wasi_http_types_own_outgoing_response_t response =
      wasi_http_types_constructor_outgoing_response(wasi_http_types_constructor_fields());
  wasi_http_types_borrow_outgoing_response_t lent = wasi_http_types_borrow_outgoing_response(response);
  wasi_http_types_method_outgoing_response_set_status_code(lent, 401);
  wasi_http_types_own_outgoing_body_t body;
  wasi_http_types_method_outgoing_response_body(lent, &body);

  wasi_http_types_result_own_outgoing_response_error_code_t answer = {.is_err = false, .val.ok = response};
  wasi_http_types_static_response_outparam_set(response_out, &answer);

  wasi_http_types_own_output_stream_t stream;
  wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream);
  middleware_guest_string_t said = text("a key is needed");
  middleware_guest_list_u8_t bytes = {.ptr = said.ptr, .len = said.len};
  wasi_io_streams_stream_error_t failure;
  // The client may have left.
  wasi_io_streams_method_output_stream_blocking_write_and_flush(
      wasi_io_streams_borrow_output_stream(stream), &bytes, &failure);
  wasi_io_streams_output_stream_drop_own(stream);
  wasi_http_types_error_code_t code;
  wasi_http_types_static_outgoing_body_finish(body, NULL, &code);
}

void exports_wasi_http_incoming_handler_handle(
    exports_wasi_http_incoming_handler_own_incoming_request_t request,
    exports_wasi_http_incoming_handler_own_response_outparam_t response_out) {
  if (has_key(request)) {
    wasi_http_incoming_handler_handle(request, response_out);
  } else {
    wasi_http_types_incoming_request_drop_own(request);
    refuse(response_out);
  }
}
