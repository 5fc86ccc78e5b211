//! A composition that is written in a manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use composer::plan::HintTarget;
use composer::runtime::{Grants, Limits};

use crate::manifest::settings::Settings;
use crate::manifest::{self, Manifest, Provider};
use crate::problem::{Problem, Problems, SourceText};
use crate::source::{
    DescribedComponent, DescribedComposition, DescribedFilter, DescribedGroup, PartSettings,
    WrittenText, read_text,
};

impl DescribedComposition {
    pub(super) fn of_manifest(file: &Path) -> Result<DescribedComposition, Problems> {
        let text = SourceText::new(file.display().to_string(), read_text(file)?);
        let manifest = manifest::read(&text)?;
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let mut settings = Settings {
            folder,
            problems: Problems::default(),
        };
        let mut described = DescribedComposition::of(&manifest, &mut settings);
        let checked = settings.problems.check();
        checked.map_err(|problems| problems.in_file(&text))?;
        described.manifest = Some(file.to_owned());
        described.text = Some(text);
        Ok(described)
    }

    fn of(manifest: &Manifest, settings: &mut Settings<'_>) -> DescribedComposition {
        if manifest.components.is_empty() {
            let problem = Problem::new("no component is written here");
            let help = "write a table for each: `[components.name]` with `path = \"name.wasm\"`";
            settings.problems.push(problem.at(0..0).with_help(help));
        }
        let mut components = Vec::new();
        for (name, component) in &manifest.components {
            let path = settings.path(component);
            let written = component.path.as_ref().or(component.package.as_ref());
            let imports = component.imports.iter().map(|(import, provider)| {
                let target = match &**provider {
                    Provider::Component(component) => HintTarget::from(component.as_str()),
                    Provider::Export { component, export } => {
                        HintTarget::from((component.as_str(), export.as_str()))
                    }
                };
                (WrittenText::of(import), target)
            });
            let texts = |patterns: &Vec<manifest::Located<String>>| {
                patterns.iter().map(|pattern| pattern.to_string()).collect()
            };
            let expose = component
                .expose
                .as_ref()
                .map(texts)
                .map(DescribedFilter::Expose);
            let hide = component
                .hide
                .as_ref()
                .map(texts)
                .map(DescribedFilter::Hide);
            components.push(DescribedComponent {
                name: WrittenText::of(name),
                path,
                path_place: written.map(manifest::Located::place),
                package: component.package.as_ref().map(WrittenText::of),
                imports: imports.collect(),
                filters: expose.into_iter().chain(hide).collect(),
                settings: settings.part(WrittenSettings::of_component(component)),
            });
        }
        settings.owners(manifest);
        let groups = manifest.groups.iter().map(|(name, group)| {
            settings.members(manifest, name, group);
            DescribedGroup {
                name: WrittenText::of(name),
                members: group
                    .members
                    .iter()
                    .map(|member| member.to_string())
                    .collect(),
                settings: settings.part(WrittenSettings::new(
                    &group.limits,
                    &group.grants,
                    &group.config,
                    &group.restart,
                )),
            }
        });
        DescribedComposition {
            in_background: false,
            manifest: None,
            folder: None,
            text: None,
            components,
            groups: groups.collect(),
            exports: manifest.exports.as_ref().map(|exports| {
                let exports = exports.iter();
                exports
                    .map(|(export, owner)| (WrittenText::of(export), WrittenText::of(owner)))
                    .collect()
            }),
            open_imports: manifest.open_imports.iter().map(WrittenText::of).collect(),
        }
    }
}

/// What is written for a part: a component or a group.
struct WrittenSettings<'m> {
    limits: Option<&'m manifest::Limits>,
    grants: Option<&'m manifest::Grants>,
    config: &'m BTreeMap<String, String>,
    restart: Option<&'m manifest::Restart>,
}

impl<'m> WrittenSettings<'m> {
    fn new(
        limits: &'m Option<manifest::Limits>,
        grants: &'m Option<manifest::Grants>,
        config: &'m BTreeMap<String, String>,
        restart: &'m Option<manifest::Restart>,
    ) -> Self {
        WrittenSettings {
            limits: limits.as_ref(),
            grants: grants.as_ref(),
            config,
            restart: restart.as_ref(),
        }
    }

    fn of_component(component: &'m manifest::Component) -> Self {
        WrittenSettings::new(
            &component.limits,
            &component.grants,
            &component.config,
            &component.restart,
        )
    }

    fn are_empty(&self) -> bool {
        self.limits.is_none()
            && self.grants.is_none()
            && self.config.is_empty()
            && self.restart.is_none()
    }
}

impl WrittenText {
    fn of(written: &manifest::Located<String>) -> Self {
        WrittenText {
            text: written.to_string(),
            place: Some(written.place()),
        }
    }
}

impl Settings<'_> {
    /// The file of a component. One that is in a registry has none yet.
    fn path(&mut self, component: &manifest::Component) -> PathBuf {
        // The schema allows a path or a package.
        let Some(written) = &component.path else {
            return PathBuf::new();
        };
        let path = self.folder.join(&**written);
        if !path.is_file() {
            let problem = Problem::new(format!("there is no file `{}`", path.display()));
            self.problems.push(problem.at(written.place()));
        }
        path
    }

    fn part(&mut self, written: WrittenSettings<'_>) -> PartSettings {
        let WrittenSettings {
            limits,
            grants,
            config,
            restart,
        } = written;
        let mut granted = match grants {
            Some(grants) => self.grants(grants),
            None => Grants::none(),
        };
        for (key, value) in config {
            granted = granted.with_config(key, value);
        }
        PartSettings {
            limits: limits.map(|limits| self.limits(limits, &Limits::default())),
            grants: granted,
            restart: restart.map(|restart| self.restart(restart)),
        }
    }

    /// Checks that no group is named where a component is meant: which of its members has the
    /// export is to be said.
    fn owners(&mut self, manifest: &Manifest) {
        let imports = manifest
            .components
            .values()
            .flat_map(|it| it.imports.values());
        let imports = imports.map(|provider| {
            let (Provider::Component(name)
            | Provider::Export {
                component: name, ..
            }) = &**provider;
            (name, provider.place())
        });
        let exports = manifest.exports.iter().flat_map(BTreeMap::values);
        let exports = exports.map(|owner| (&**owner, owner.place()));
        for (name, place) in imports.chain(exports) {
            let mut groups = manifest.groups.iter();
            if let Some((_, group)) = groups.find(|(group, _)| ***group == **name) {
                let members = group.members.iter().map(|member| format!("`{}`", **member));
                let members: Vec<String> = members.collect();
                let help = format!("name the member of it: {}", members.join(", "));
                let problem = Problem::new(format!("`{name}` is a group"));
                self.problems.push(problem.at(place).with_help(help));
            }
        }
    }

    /// Checks that the members of a group are components of no other group, with no settings
    /// of their own.
    fn members(
        &mut self,
        manifest: &Manifest,
        name: &manifest::Located<String>,
        group: &manifest::Group,
    ) {
        if manifest.components.contains_key(name) {
            let message = format!("`{}` is the name of a component and of a group", **name);
            self.problems.push(Problem::new(message).at(name.place()));
        }
        for member in &group.members {
            let mut component = manifest.components.iter();
            let Some((_, component)) = component.find(|(name, _)| *name == member) else {
                let message = format!("there is no component `{}`", **member);
                self.problems.push(Problem::new(message).at(member.place()));
                continue;
            };
            let others = manifest.groups.iter().filter(|(other, _)| *other != name);
            for (other, _) in others.filter(|(_, other)| other.members.contains(member)) {
                let message = format!("`{}` is a member of `{}` too", **member, **other);
                self.problems.push(Problem::new(message).at(member.place()));
            }
            if !WrittenSettings::of_component(component).are_empty() {
                let message = format!(
                    "`{}` is a member of a group, so it has no limits, grants, configuration or \
                     restart policy of its own",
                    **member
                );
                let help = format!("write them at `[groups.{}]`", **name);
                self.problems
                    .push(Problem::new(message).at(member.place()).with_help(help));
            }
        }
    }
}
