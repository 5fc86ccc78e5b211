// A stage in C.

#include "gen/stage_guest.h"

#include <stdlib.h>

#define STAGE_FUNC(name) exports_test_pipeline_stage_##name

enum { ITEMS = 4096 };

typedef enum { READS, WRITES } phase_t;

// A call, which goes on after it has returned its stream.
typedef struct {
  stage_guest_waitable_set_t set;
  uint32_t input, output;
  phase_t phase;
  bool is_numbers, input_ended;
  // The items that were read, of which the first `written` have been written.
  size_t count, written;
  uint64_t items, sum;
  union {
    uint8_t bytes[ITEMS];
    uint32_t numbers[ITEMS];
  } buffer;
} task_t;

static task_t *begin(uint32_t input) {
  task_t *task = calloc(1, sizeof(task_t));
  if (!task) abort();
  task->set = stage_guest_waitable_set_new();
  task->input = input;
  stage_guest_waitable_join(input, task->set);
  stage_guest_context_set_0(task);
  return task;
}

static stage_guest_callback_code_t end(task_t *task) {
  if (task->is_numbers) {
    STAGE_FUNC(stream_u32_drop_readable)(task->input);
    STAGE_FUNC(stream_u32_drop_writable)(task->output);
  } else {
    STAGE_FUNC(stream_u8_drop_readable)(task->input);
    if (task->output) STAGE_FUNC(stream_u8_drop_writable)(task->output);
  }
  stage_guest_waitable_set_drop(task->set);
  free(task);
  return STAGE_GUEST_CALLBACK_CODE_EXIT;
}

static stage_guest_waitable_status_t read_items(task_t *task) {
  return task->is_numbers ? STAGE_FUNC(stream_u32_read)(task->input, task->buffer.numbers, ITEMS)
                          : STAGE_FUNC(stream_u8_read)(task->input, task->buffer.bytes, ITEMS);
}

static stage_guest_waitable_status_t write_items(task_t *task) {
  size_t left = task->count - task->written;
  return task->is_numbers
             ? STAGE_FUNC(stream_u32_write)(task->output, task->buffer.numbers + task->written, left)
             : STAGE_FUNC(stream_u8_write)(task->output, task->buffer.bytes + task->written, left);
}

static uint8_t capital(uint8_t byte) {
  return byte >= 'a' && byte <= 'z' ? byte - ('a' - 'A') : byte;
}

// Changes the items that were read, if they go on, or counts them.
static void use_items(task_t *task) {
  for (size_t i = 0; i < task->count; i++) {
    if (task->is_numbers) {
      task->buffer.numbers[i] *= 2;
    } else if (task->output) {
      task->buffer.bytes[i] = capital(task->buffer.bytes[i]);
    } else {
      task->sum += task->buffer.bytes[i];
    }
  }
  task->items += task->count;
}

// Goes on after a read or a write that ended with `status`.
static stage_guest_callback_code_t go_on(task_t *task, stage_guest_waitable_status_t status) {
  while (status != STAGE_GUEST_WAITABLE_STATUS_BLOCKED) {
    bool dropped = STAGE_GUEST_WAITABLE_STATE(status) == STAGE_GUEST_WAITABLE_DROPPED;
    if (task->phase == READS) {
      task->count = STAGE_GUEST_WAITABLE_COUNT(status);
      task->written = 0;
      task->input_ended = dropped;
      use_items(task);
      if (task->output && task->count > 0) task->phase = WRITES;
    } else {
      task->written += STAGE_GUEST_WAITABLE_COUNT(status);
      if (dropped) return end(task);
      if (task->written == task->count) task->phase = READS;
    }
    if (task->phase == READS && task->input_ended) {
      if (!task->output) {
        stage_guest_tuple2_u64_u64_t measured = {task->items, task->sum};
        STAGE_FUNC(measure_return)(measured);
      }
      return end(task);
    }
    status = task->phase == READS ? read_items(task) : write_items(task);
  }
  return STAGE_GUEST_CALLBACK_CODE_WAIT(task->set);
}

static stage_guest_callback_code_t on_event(stage_guest_event_t *event) {
  task_t *task = stage_guest_context_get_0();
  if (event->waitable == (task->phase == READS ? task->input : task->output)) {
    return go_on(task, event->code);
  }
  // The other end of the stream that is not in use was dropped.
  if (event->waitable == task->input) task->input_ended = true;
  return STAGE_GUEST_CALLBACK_CODE_WAIT(task->set);
}

stage_guest_callback_code_t STAGE_FUNC(shout)(STAGE_FUNC(stream_u8_t) text) {
  task_t *task = begin(text);
  STAGE_FUNC(shout_return)(STAGE_FUNC(stream_u8_new)(&task->output));
  stage_guest_waitable_join(task->output, task->set);
  return go_on(task, read_items(task));
}

stage_guest_callback_code_t STAGE_FUNC(measure)(STAGE_FUNC(stream_u8_t) text) {
  task_t *task = begin(text);
  return go_on(task, read_items(task));
}

stage_guest_callback_code_t STAGE_FUNC(double)(STAGE_FUNC(stream_u32_t) numbers) {
  task_t *task = begin(numbers);
  task->is_numbers = true;
  STAGE_FUNC(double_return)(STAGE_FUNC(stream_u32_new)(&task->output));
  stage_guest_waitable_join(task->output, task->set);
  return go_on(task, read_items(task));
}

stage_guest_callback_code_t STAGE_FUNC(shout_callback)(stage_guest_event_t *event) {
  return on_event(event);
}

stage_guest_callback_code_t STAGE_FUNC(measure_callback)(stage_guest_event_t *event) {
  return on_event(event);
}

stage_guest_callback_code_t STAGE_FUNC(double_callback)(stage_guest_event_t *event) {
  return on_event(event);
}
