//! Lists of strings as arguments.

use std::borrow::Cow;

/// A text that is taken where WIT says `list<string>`, in an array, a slice, a `Vec` or an
/// iterator of such texts.
///
/// ```
/// # #[cfg(feature = "macros")]
/// # mod example {
/// # composer::compose!({
/// #     inline: r#"
/// #         package app:all;
/// #         interface names { join: func(names: list<string>) -> string; }
/// #         world joiner { export names; }
/// #     "#,
/// #     composition: App,
/// #     components: { joiner: "app:all/joiner" },
/// #     exports: ["app:all/names"],
/// # });
/// # async fn calls(app: App, some: &[&str], owned: Vec<String>) -> Result<(), composer::CallError> {
/// app.names().join(["Robin", "Sam"]).await?;
/// app.names().join(some).await?;
/// app.names().join(&owned).await?;
/// app.names().join(owned).await?;
/// # Ok(())
/// # }
/// # }
/// ```
pub trait IntoString {
    /// The text as a string.
    fn into_string(self) -> String;
}

impl IntoString for String {
    fn into_string(self) -> String {
        self
    }
}

impl IntoString for Box<str> {
    fn into_string(self) -> String {
        self.into()
    }
}

impl IntoString for Cow<'_, str> {
    fn into_string(self) -> String {
        self.into_owned()
    }
}

impl<T: AsRef<str> + ?Sized> IntoString for &T {
    fn into_string(self) -> String {
        self.as_ref().to_owned()
    }
}

/// The texts as a list.
pub fn strings(texts: impl IntoIterator<Item: IntoString>) -> Vec<String> {
    texts.into_iter().map(IntoString::into_string).collect()
}
