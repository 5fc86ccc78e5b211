//! How does data flow through components without being in memory as a whole?
//!
//! A text flows through three of them, each in a store of its own: one writes it, one
//! turns it into capitals, and one counts its lines. The program stands between the
//! second and the third, passes the bytes on and shows how far they are. None of them
//! has more than a few kilobytes of the text at a time: whoever writes waits for whoever
//! reads.
//!
//! ```text
//! cargo run --example streaming [lines]
//! ```
//!
//! Without an argument the text has 100,000 lines. It prints:
//!
//! ```text
//! [#####---------------]  25 %
//! [##########----------]  50 %
//! [###############-----]  75 %
//! [####################] 100 %
//! 100000 lines, 2888895 bytes
//! ```

use anyhow::{Context, Result};
use composer::{Runtime, StreamReader, StreamWriter};
use composer_examples::guest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

composer::compose!({
    path: "../wit/pipeline",
    composition: Pipeline,
    components: {
        source: "demo:pipeline/source",
        capitals: "demo:pipeline/capitals",
        counting: "demo:pipeline/counting",
    },
    exports: ["demo:pipeline/upper", "demo:pipeline/counter"],
});

#[tokio::main]
async fn main() -> Result<()> {
    let lines = match std::env::args().nth(1) {
        Some(lines) => lines.parse().context("the number of lines")?,
        None => 100_000,
    };
    let runtime = Runtime::new()?;
    let pipeline = Pipeline::compose(PipelineParts {
        source: guest(&runtime, "lines-source").await?,
        capitals: guest(&runtime, "lines-upper").await?,
        counting: guest(&runtime, "lines-count").await?,
    })
    .await?;

    let text = pipeline.upper().open(lines).await?;
    let (to_counter, counted): (StreamWriter<u8>, StreamReader<u8>) = composer::stream();
    let counter = pipeline.counter();
    let (counts, passed) = tokio::join!(
        counter.count(counted),
        pass_on(text, to_counter, size(lines))
    );
    passed?;
    let counts = counts?;
    println!("{} lines, {} bytes", counts.lines, counts.bytes);
    Ok(())
}

/// Passes the text on, and shows each quarter of it that has flowed by.
async fn pass_on(mut text: StreamReader<u8>, mut to: StreamWriter<u8>, size: usize) -> Result<()> {
    let (mut passed, mut shown) = (0, 0);
    let mut buffer = [0; 4096];
    loop {
        let read = text.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
        passed += read;
        while shown < 4 && passed * 4 >= size * (shown + 1) {
            shown += 1;
            let (done, left) = (shown * 5, 20 - shown * 5);
            let bar = "#".repeat(done) + &"-".repeat(left);
            println!("[{bar}] {:3} %", shown * 25);
        }
    }
}

/// How many bytes the text has.
fn size(lines: u32) -> usize {
    let line = |line: u32| format!("this is line {line} of {lines}\n").len();
    (1..=lines).map(line).sum()
}
