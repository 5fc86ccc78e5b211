// A runner in C.

#include "gen/runner_guest.h"

#include <stdlib.h>

#define RUNNER_FUNC(name) exports_test_pipeline_runner_##name
#define STAGE_FUNC(name) test_pipeline_stage_##name

enum { ITEMS = 4096 };

typedef enum { SHOUT, MEASURE, DOUBLE } kind_t;

typedef union {
  uint8_t bytes[ITEMS];
  uint32_t numbers[ITEMS];
} buffer_t;

// A call: it writes to the stage, and reads what the stage answers.
typedef struct {
  kind_t kind;
  runner_guest_waitable_set_t set;
  uint32_t count, chunk;
  // Items that are being written, and those that have been.
  uint32_t writing, written;
  uint32_t writer, reader, subtask;
  bool has_written, has_read;
  runner_guest_tuple2_u64_u64_t measured;
  uint64_t items, sum;
  buffer_t out, in;
} task_t;

static uint8_t letter(uint32_t i, uint8_t first) { return first + i % 26; }

static runner_guest_waitable_status_t write_items(task_t *task) {
  uint32_t left = task->count - task->written;
  task->writing = left < task->chunk ? left : task->chunk;
  if (task->writing > ITEMS) task->writing = ITEMS;
  for (uint32_t i = 0; i < task->writing; i++) {
    if (task->kind == DOUBLE) {
      task->out.numbers[i] = task->written + i;
    } else {
      task->out.bytes[i] = letter(task->written + i, 'a');
    }
  }
  return task->kind == DOUBLE
             ? STAGE_FUNC(stream_u32_write)(task->writer, task->out.numbers, task->writing)
             : STAGE_FUNC(stream_u8_write)(task->writer, task->out.bytes, task->writing);
}

static runner_guest_waitable_status_t read_items(task_t *task) {
  return task->kind == DOUBLE ? STAGE_FUNC(stream_u32_read)(task->reader, task->in.numbers, ITEMS)
                              : STAGE_FUNC(stream_u8_read)(task->reader, task->in.bytes, ITEMS);
}

// Goes on writing after a write that ended with `status`.
static void go_on_writing(task_t *task, runner_guest_waitable_status_t status) {
  while (status != RUNNER_GUEST_WAITABLE_STATUS_BLOCKED) {
    task->written += RUNNER_GUEST_WAITABLE_COUNT(status);
    bool dropped = RUNNER_GUEST_WAITABLE_STATE(status) == RUNNER_GUEST_WAITABLE_DROPPED;
    if (dropped || task->written == task->count) {
      if (task->kind == DOUBLE) {
        STAGE_FUNC(stream_u32_drop_writable)(task->writer);
      } else {
        STAGE_FUNC(stream_u8_drop_writable)(task->writer);
      }
      task->has_written = true;
      return;
    }
    status = write_items(task);
  }
}

// Goes on reading after a read that ended with `status`.
static void go_on_reading(task_t *task, runner_guest_waitable_status_t status) {
  while (status != RUNNER_GUEST_WAITABLE_STATUS_BLOCKED) {
    uint32_t count = RUNNER_GUEST_WAITABLE_COUNT(status);
    for (uint32_t i = 0; i < count; i++) {
      if (task->kind == DOUBLE) {
        task->sum += task->in.numbers[i];
      } else if (task->in.bytes[i] != letter(task->items + i, 'A')) {
        abort();
      }
    }
    task->items += count;
    if (RUNNER_GUEST_WAITABLE_STATE(status) == RUNNER_GUEST_WAITABLE_DROPPED) {
      if (task->kind == DOUBLE) {
        STAGE_FUNC(stream_u32_drop_readable)(task->reader);
      } else {
        STAGE_FUNC(stream_u8_drop_readable)(task->reader);
      }
      task->has_read = true;
      return;
    }
    status = read_items(task);
  }
}

// Begins to read, since the stage has returned.
static void has_returned(task_t *task) {
  if (task->kind == MEASURE) {
    task->has_read = true;
    return;
  }
  runner_guest_waitable_join(task->reader, task->set);
  go_on_reading(task, read_items(task));
}

static runner_guest_callback_code_t wait_or_return(task_t *task) {
  if (!task->has_written || !task->has_read) return RUNNER_GUEST_CALLBACK_CODE_WAIT(task->set);
  switch (task->kind) {
    case SHOUT:
      RUNNER_FUNC(check_shout_return)(task->items);
      break;
    case MEASURE:
      RUNNER_FUNC(run_measure_return)(task->measured);
      break;
    case DOUBLE:
      RUNNER_FUNC(sum_double_return)(task->sum);
      break;
  }
  runner_guest_waitable_set_drop(task->set);
  free(task);
  return RUNNER_GUEST_CALLBACK_CODE_EXIT;
}

static runner_guest_callback_code_t begin(kind_t kind, uint32_t count, uint32_t chunk) {
  task_t *task = calloc(1, sizeof(task_t));
  if (!task) abort();
  task->kind = kind;
  task->count = count;
  task->chunk = chunk;
  task->set = runner_guest_waitable_set_new();
  runner_guest_context_set_0(task);
  runner_guest_subtask_status_t status = 0;
  switch (kind) {
    case SHOUT:
      status = STAGE_FUNC(shout)(STAGE_FUNC(stream_u8_new)(&task->writer), &task->reader);
      break;
    case MEASURE:
      status = STAGE_FUNC(measure)(STAGE_FUNC(stream_u8_new)(&task->writer), &task->measured);
      break;
    case DOUBLE:
      status = STAGE_FUNC(double)(STAGE_FUNC(stream_u32_new)(&task->writer), &task->reader);
      break;
  }
  runner_guest_waitable_join(task->writer, task->set);
  if (RUNNER_GUEST_SUBTASK_STATE(status) == RUNNER_GUEST_SUBTASK_RETURNED) {
    has_returned(task);
  } else {
    task->subtask = RUNNER_GUEST_SUBTASK_HANDLE(status);
    runner_guest_waitable_join(task->subtask, task->set);
  }
  if (count == 0) {
    // As after the last write.
    go_on_writing(task, 0);
  } else {
    go_on_writing(task, write_items(task));
  }
  return wait_or_return(task);
}

static runner_guest_callback_code_t on_event(runner_guest_event_t *event) {
  task_t *task = runner_guest_context_get_0();
  switch (event->event) {
    case RUNNER_GUEST_EVENT_SUBTASK:
      if (event->code == RUNNER_GUEST_SUBTASK_RETURNED) {
        runner_guest_subtask_drop(task->subtask);
        has_returned(task);
      }
      break;
    case RUNNER_GUEST_EVENT_STREAM_WRITE:
      go_on_writing(task, event->code);
      break;
    case RUNNER_GUEST_EVENT_STREAM_READ:
      go_on_reading(task, event->code);
      break;
    default:
      abort();
  }
  return wait_or_return(task);
}

runner_guest_callback_code_t RUNNER_FUNC(check_shout)(uint32_t count, uint32_t chunk) {
  return begin(SHOUT, count, chunk);
}

runner_guest_callback_code_t RUNNER_FUNC(run_measure)(uint32_t count, uint32_t chunk) {
  return begin(MEASURE, count, chunk);
}

runner_guest_callback_code_t RUNNER_FUNC(sum_double)(uint32_t count, uint32_t chunk) {
  return begin(DOUBLE, count, chunk);
}

runner_guest_callback_code_t RUNNER_FUNC(check_shout_callback)(runner_guest_event_t *event) {
  return on_event(event);
}

runner_guest_callback_code_t RUNNER_FUNC(run_measure_callback)(runner_guest_event_t *event) {
  return on_event(event);
}

runner_guest_callback_code_t RUNNER_FUNC(sum_double_callback)(runner_guest_event_t *event) {
  return on_event(event);
}
