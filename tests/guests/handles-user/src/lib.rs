//! Uses files and streams of WASI that another component hands out.

use exports::test::handles::uses::Guest;
use test::handles::files;
use wasi::io::streams::{InputStream, StreamError};

wit_bindgen::generate!({
    path: "../../wit/wasi-handles",
    world: "test:handles/user-guest",
    generate_all,
});

struct Uses;

impl Guest for Uses {
    fn all(path: String) -> Result<Vec<u8>, String> {
        rest(&files::read(&path)?)
    }

    fn in_turns(path: String, bytes: u64) -> Result<Vec<u8>, String> {
        let stream = files::read(&path)?;
        let mut all = stream.blocking_read(bytes).map_err(said)?;
        all.extend(files::take(&stream, bytes));
        all.extend(files::take(&stream, bytes));
        all.extend(rest(&stream)?);
        Ok(all)
    }

    fn file(path: String, start: u64) -> Result<(u64, u64, Vec<u8>), String> {
        let file = files::open(&path)?;
        let own = file.stat().map_err(said)?.size;
        let theirs = files::size(&file)?;
        let stream = file.read_via_stream(start).map_err(said)?;
        Ok((own, theirs, rest(&stream)?))
    }

    fn print(text: String) -> Result<(), String> {
        let output = files::output();
        output
            .blocking_write_and_flush(text.as_bytes())
            .map_err(said)?;
        files::print(&output, &text)?;
        output
            .blocking_write_and_flush(text.as_bytes())
            .map_err(said)
    }

    fn boomerang(path: String) -> Result<u64, String> {
        Ok(files::drain(files::read(&path)?))
    }

    fn watched(path: String) -> Result<Vec<u8>, String> {
        rest(&files::read_watched(&path)?)
    }
}

fn rest(stream: &InputStream) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(1 << 16) {
            Ok(bytes) => all.extend(bytes),
            Err(StreamError::Closed) => return Ok(all),
            Err(error) => return Err(said(error)),
        }
    }
}

fn said(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

export!(Uses);
