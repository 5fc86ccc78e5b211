//! Greets by the name in its first argument, or greets the world.

use std::error::Error;
use std::path::Path;

use composer::Runtime;

composer::compose!({
    path: "guest/wit",
    composition: App,
    components: {
        guest: "local:greetings/guest",
    },
    exports: ["local:greetings/greet"],
});

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let name = std::env::args().nth(1);
    let name = name.as_deref().unwrap_or("world");

    let runtime = Runtime::new()?;
    let component = Path::new(env!("CARGO_MANIFEST_DIR")).join("guest.wasm");
    let guest = runtime.load_file(component).await?.part();
    let app = App::compose(AppParts { guest }).await?;
    println!("{}", app.greet().greet(name).await?);
    Ok(())
}
