"""A stage in Python."""

import componentize_py_async_support
import wit_world
from componentize_py_async_support.streams import (
    ByteStreamReader,
    ByteStreamWriter,
    StreamReader,
    StreamWriter,
)
from wit_world import exports

READ = 4096


async def shout(text: ByteStreamReader, output: ByteStreamWriter) -> None:
    with text, output:
        while not text.writer_dropped and not output.reader_dropped:
            await output.write_all((await text.read(READ)).upper())


async def double(numbers: StreamReader[int], output: StreamWriter[int]) -> None:
    with numbers, output:
        while not numbers.writer_dropped and not output.reader_dropped:
            await output.write_all([number * 2 for number in await numbers.read(READ)])


class Stage(exports.Stage):
    async def shout(self, text: ByteStreamReader) -> ByteStreamReader:
        writer, reader = wit_world.byte_stream()
        componentize_py_async_support.spawn(shout(text, writer))
        return reader

    async def measure(self, text: ByteStreamReader) -> tuple[int, int]:
        count, total = 0, 0
        with text:
            while not text.writer_dropped:
                read = await text.read(READ)
                count += len(read)
                total += sum(read)
        return count, total

    async def double(self, numbers: StreamReader[int]) -> StreamReader[int]:
        writer, reader = wit_world.u32_stream()
        componentize_py_async_support.spawn(double(numbers, writer))
        return reader
