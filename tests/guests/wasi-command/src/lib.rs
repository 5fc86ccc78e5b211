//! A command: it prints some lines, and succeeds if they have been written.

wasip3::cli::command::export!(Command);

struct Command;

impl wasip3::exports::cli::run::Guest for Command {
    async fn run() -> Result<(), ()> {
        let (mut out, data) = wasip3::wit_stream::new();
        let done = wasip3::cli::stdout::write_via_stream(data);
        for line in 0..1000 {
            let text = format!("line {line}\n");
            if !out.write_all(text.into_bytes()).await.is_empty() {
                return Err(());
            }
        }
        drop(out);
        done.await.map_err(|_| ())
    }
}
