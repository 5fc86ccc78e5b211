//! Functions of the program with streams and futures, by traits.

use composer::{StreamReader, stream};
use futures::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::counters::within;
use crate::support::part;

composer::compose!({
    path: "wit/pipeline",
    composition: Pipeline,
    components: { runner: "test:pipeline/runner-guest" },
    host: ["test:pipeline/stage"],
    exports: ["test:pipeline/runner"],
});

/// A stage in the program.
struct Stage;

impl pipeline::test::pipeline::stage::Host for Stage {
    async fn shout(&self, mut text: StreamReader<u8>) -> StreamReader<u8> {
        let (mut writer, reader) = stream::<u8>();
        tokio::spawn(async move {
            let mut buffer = [0; 1000];
            while let Ok(count @ 1..) = text.read(&mut buffer).await {
                let loud = buffer[..count].to_ascii_uppercase();
                writer.write_all(&loud).await.unwrap();
            }
        });
        reader
    }

    async fn measure(&self, mut text: StreamReader<u8>) -> (u64, u64) {
        let mut all = Vec::new();
        text.read_to_end(&mut all).await.unwrap();
        let sum = all.iter().map(|byte| u64::from(*byte)).sum();
        (all.len() as u64, sum)
    }

    async fn double(&self, mut numbers: StreamReader<u32>) -> StreamReader<u32> {
        let (mut writer, reader) = stream();
        tokio::spawn(async move {
            while let Some(Ok(number)) = numbers.next().await {
                writer.send(number * 2).await.unwrap();
            }
        });
        reader
    }
}

#[tokio::test]
async fn the_program_is_a_stage() {
    for name in ["pipeline-runner", "pipeline-runner-c"] {
        let parts = PipelineParts { runner: part(name) };
        let pipeline = Pipeline::compose(parts, Stage).await.unwrap();
        let runner = pipeline.runner();
        for (count, chunk) in [(0, 1), (1, 1), (5_000, 7), (100_000, 4096)] {
            let shouted = within(runner.check_shout(count, chunk)).await;
            assert_eq!(shouted.unwrap(), count);
            let sum = (0..u64::from(count))
                .map(|i| u64::from(b'a') + i % 26)
                .sum();
            let measured = within(runner.run_measure(count, chunk)).await;
            assert_eq!(measured.unwrap(), (count.into(), sum));
        }
        for (count, chunk) in [(0, 1), (1, 1), (1_000, 30)] {
            let doubled = within(runner.sum_double(count, chunk)).await;
            let sum: u64 = (0..u64::from(count)).map(|i| i * 2).sum();
            assert_eq!(doubled.unwrap(), sum);
        }
        within(pipeline.composition().shutdown(std::time::Duration::MAX)).await;
    }
}

/// A plain function, which takes a stream and returns a future of a `result`: that crosses
/// in bulk only.
#[cfg(feature = "fast-transfer")]
mod plain {
    use composer::{FutureReader, future};
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    use super::*;

    macro_rules! output {
    ($composition:ident $module:ident [$($host:tt)*] ($($kind:tt)*)) => {
        composer::compose!({
            path: "wit/wasi-stdout",
            composition: $composition,
            components: { stdout: "wasi:cli/stdout-guest" },
            host: [$($host)*],
            exports: ["wasi:cli/stdout"],
        });

        impl $module::wasi::cli::stderr::Host for Output {
            $($kind)* fn write_via_stream(
                &self,
                data: StreamReader<u8>,
            ) -> FutureReader<Result<(), $module::wasi::cli::types::ErrorCode>> {
                use $module::wasi::cli::types::ErrorCode;

                let (writer, reader) = future();
                let output = self.0.clone();
                tokio::spawn(async move {
                    let mut data = data;
                    let mut text = String::new();
                    let read = data.read_to_string(&mut text).await;
                    output.send(text).unwrap();
                    let answer = read.map(|_| ()).map_err(|_| ErrorCode::IllegalByteSequence);
                    writer.write(answer).await.unwrap();
                });
                reader
            }
        }
    };
}

    /// An output in the program.
    struct Output(UnboundedSender<String>);

    output!(Printing printing ["wasi:cli/stderr"] ());
    output!(Waiting waiting [async "wasi:cli/stderr"] (async));

    #[tokio::test]
    async fn a_plain_function_takes_a_stream() {
        let (output, mut printed) = unbounded_channel();
        let parts = PrintingParts {
            stdout: part("wasi-stdout"),
        };
        let printing = Printing::compose(parts, Output(output)).await.unwrap();
        let (mut writer, reader) = stream::<u8>();
        let answer = within(printing.stdout().write_via_stream(reader))
            .await
            .unwrap();
        within(writer.write_all(b"printed")).await.unwrap();
        drop(writer);
        assert_eq!(within(answer).await.unwrap(), Ok(()));
        assert_eq!(printed.recv().await.unwrap(), "printed");
    }

    #[tokio::test]
    async fn and_so_does_one_that_may_wait() {
        use waiting::wasi::cli::types::ErrorCode;

        let (output, mut printed) = unbounded_channel();
        let parts = WaitingParts {
            stdout: part("wasi-stdout"),
        };
        let waiting = Waiting::compose(parts, Output(output)).await.unwrap();
        let (mut writer, reader) = stream::<u8>();
        let answer = within(waiting.stdout().write_via_stream(reader))
            .await
            .unwrap();
        within(writer.write_all(b"no \xff text")).await.unwrap();
        drop(writer);
        let error = within(answer).await.unwrap();
        assert_eq!(error, Err(ErrorCode::IllegalByteSequence));
        assert_eq!(printed.recv().await.unwrap(), "");
    }
}
