//! Uses files of WASI 0.3 that another component hands out.

use exports::test::handles_later::uses::Guest;
use test::handles_later::files;
use wasi::filesystem::preopens::get_directories;

wit_bindgen::generate!({
    path: "../../wit/wasi-handles-later",
    world: "test:handles-later/user-guest",
    generate_all,
});

struct Uses;

impl Guest for Uses {
    async fn file(path: String) -> Result<(Vec<u8>, String, String), String> {
        let file = files::open(path).await?;
        let (bytes, ended) = file.read_via_stream(0);
        let all = bytes.collect().await;
        ended.await.map_err(said)?;
        let own = file.get_type().await.map(said).map_err(said)?;
        let theirs = files::kind(&file).await?;
        Ok((all, own, theirs))
    }

    async fn all(path: String) -> Result<Vec<u8>, String> {
        Ok(files::read(path).await?.collect().await)
    }

    fn folders() -> u32 {
        get_directories().len() as u32
    }
}

fn said(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

export!(Uses);
