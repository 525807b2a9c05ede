//! Which file a path stands for: HTML under paths without its ending, and what answers where there is none.
//!
//! Source: Cloudflare docs, "Static assets: HTML handling", its tables of files and requests, and "not found handling".

use super::site::{File, Site};
use crate::model::assets::{HtmlHandling, NotFoundHandling};

/// What a path stands for.
#[derive(Debug)]
pub(super) enum Meaning<'a> {
    /// This file.
    File(&'a File),
    /// A file that is served under another path.
    Elsewhere(String),
    /// No file.
    Nothing,
}

/// What a decoded path stands for, as HTML is handled.
pub(super) fn meaning<'a>(site: &'a Site, handling: HtmlHandling, path: &str) -> Meaning<'a> {
    let look = Look {
        site,
        handling,
        redirects: true,
    };
    look.at(path)
}

/// The file that is served for a path that a rule leads to: it is not sent on to another path.
pub(super) fn file<'a>(site: &'a Site, handling: HtmlHandling, path: &str) -> Option<&'a File> {
    let look = Look {
        site,
        handling,
        redirects: false,
    };
    look.file(path)
}

/// What answers where there is no file: it, and whether it is an answer to what was asked for.
pub(super) fn fallback<'a>(
    site: &'a Site,
    handling: NotFoundHandling,
    path: &str,
) -> Option<(&'a File, bool)> {
    match handling {
        NotFoundHandling::None => None,
        NotFoundHandling::SinglePageApplication => {
            site.file("/index.html").map(|file| (file, true))
        }
        NotFoundHandling::Page => {
            let mut directory = path;
            while let Some(at) = directory.rfind('/') {
                directory = &directory[..at];
                if let Some(file) = site.file(&format!("{directory}/404.html")) {
                    return Some((file, false));
                }
            }
            None
        }
    }
}

struct Look<'a> {
    site: &'a Site,
    handling: HtmlHandling,
    /// Whether a path may be sent on.
    redirects: bool,
}

impl<'a> Look<'a> {
    fn at(&self, path: &str) -> Meaning<'a> {
        let found = match self.handling {
            HtmlHandling::AutoTrailingSlash => self.automatic(path),
            HtmlHandling::ForceTrailingSlash => self.forced(path),
            HtmlHandling::DropTrailingSlash => self.dropped(path),
            HtmlHandling::None => self.serve(path),
        };
        found.unwrap_or(Meaning::Nothing)
    }

    fn file(&self, path: &str) -> Option<&'a File> {
        match self.at(path) {
            Meaning::File(file) => Some(file),
            Meaning::Elsewhere(_) | Meaning::Nothing => None,
        }
    }

    /// The file that lies there.
    fn serve(&self, file: &str) -> Option<Meaning<'a>> {
        self.site.file(file).map(Meaning::File)
    }

    /// Sends the visitor from here to `to`, if that serves just this file.
    fn send(&self, file: &str, to: &str) -> Option<Meaning<'a>> {
        // A file that lies at the path itself is something else.
        if !self.redirects || self.site.file(to).is_some() {
            return None;
        }
        let file = self.site.file(file)?;
        let plainly = Look {
            redirects: false,
            ..*self
        };
        let served = plainly.file(to)?;
        std::ptr::eq(served, file).then(|| Meaning::Elsewhere(to.to_owned()))
    }

    fn automatic(&self, path: &str) -> Option<Meaning<'a>> {
        let special = if let Some(base) = path.strip_suffix("/index") {
            self.serve(path)
                .or_else(|| self.send(&format!("{path}.html"), &format!("{base}/")))
                .or_else(|| self.send(&format!("{base}.html"), base))
        } else if let Some(base) = path.strip_suffix("/index.html") {
            self.send(path, &format!("{base}/"))
                .or_else(|| self.send(&format!("{base}.html"), base))
        } else if let Some(base) = path.strip_suffix('/') {
            self.serve(&format!("{path}index.html"))
                .or_else(|| self.send(&format!("{base}.html"), base))
        } else if let Some(base) = path.strip_suffix(".html") {
            self.send(path, base)
                .or_else(|| self.send(&format!("{base}/index.html"), &format!("{base}/")))
        } else {
            None
        };
        special
            .or_else(|| self.serve(path))
            .or_else(|| self.serve(&format!("{path}.html")))
            .or_else(|| self.send(&format!("{path}/index.html"), &format!("{path}/")))
    }

    fn forced(&self, path: &str) -> Option<Meaning<'a>> {
        let special = if let Some(base) = path.strip_suffix("/index") {
            let to = format!("{base}/");
            self.serve(path)
                .or_else(|| self.send(&format!("{path}.html"), &to))
                .or_else(|| self.send(&format!("{base}.html"), &to))
        } else if let Some(base) = path.strip_suffix("/index.html") {
            let to = format!("{base}/");
            self.send(path, &to)
                .or_else(|| self.send(&format!("{base}.html"), &to))
        } else if let Some(base) = path.strip_suffix('/') {
            self.serve(&format!("{path}index.html"))
                .or_else(|| self.serve(&format!("{base}.html")))
        } else if let Some(base) = path.strip_suffix(".html") {
            let to = format!("{base}/");
            self.send(path, &to)
                // With an index.html beside it the page has this path alone.
                .or_else(|| self.serve(path))
                .or_else(|| self.send(&format!("{base}/index.html"), &to))
        } else {
            None
        };
        let to = format!("{path}/");
        special
            .or_else(|| self.serve(path))
            .or_else(|| self.send(&format!("{path}.html"), &to))
            .or_else(|| self.send(&format!("{path}/index.html"), &to))
    }

    fn dropped(&self, path: &str) -> Option<Meaning<'a>> {
        let special = if let Some(base) = path.strip_suffix("/index") {
            let found = self.serve(path);
            match base {
                "" => found.or_else(|| self.send("/index.html", "/")),
                base => found
                    .or_else(|| self.send(&format!("{base}.html"), base))
                    .or_else(|| self.send(&format!("{path}.html"), base)),
            }
        } else if let Some(base) = path.strip_suffix("/index.html") {
            match base {
                "" => self.send("/index.html", "/"),
                base => self
                    .send(path, base)
                    // With a page of the directory's name beside it, it has this path alone.
                    .or_else(|| self.serve(path))
                    .or_else(|| self.send(&format!("{base}.html"), base)),
            }
        } else if let Some(base) = path.strip_suffix('/') {
            match base {
                "" => self.serve("/index.html"),
                base => self
                    .send(&format!("{base}.html"), base)
                    .or_else(|| self.send(&format!("{base}/index.html"), base)),
            }
        } else if let Some(base) = path.strip_suffix(".html") {
            self.send(path, base)
                .or_else(|| self.send(&format!("{base}/index.html"), base))
        } else {
            None
        };
        special
            .or_else(|| self.serve(path))
            .or_else(|| self.serve(&format!("{path}.html")))
            .or_else(|| self.serve(&format!("{path}/index.html")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CodeHash;
    use crate::model::assets::AssetFile;

    fn site(files: &[&str]) -> Site {
        let file = |path: &&str| {
            let file = AssetFile {
                content: CodeHash::of(path.as_bytes()),
                size: 1,
                content_type: None,
            };
            ((*path).to_owned(), file)
        };
        let site = crate::model::assets::Site {
            files: files.iter().map(file).collect(),
            ..Default::default()
        };
        Site::new(site).expect("a site")
    }

    /// A table of files (`=/file`), redirects (`>/path`) and nothing (`-`).
    fn check(handling: HtmlHandling, files: &[&str], rows: &[(&str, &str)]) {
        let site = site(files);
        for (path, expected) in rows {
            let found = match meaning(&site, handling, path) {
                Meaning::File(found) => {
                    let path = files.iter().find(|path| {
                        site.file(path)
                            .is_some_and(|file| std::ptr::eq(file, found))
                    });
                    format!("={}", path.expect("a file of the site"))
                }
                Meaning::Elsewhere(to) => format!(">{to}"),
                Meaning::Nothing => "-".to_owned(),
            };
            assert_eq!(&found, expected, "{handling:?} {path}");
        }
    }

    const FILES: &[&str] = &[
        "/index.html",
        "/file.html",
        "/folder/index.html",
        "/plain.txt",
        "/both.html",
        "/both/index.html",
    ];

    #[test]
    fn slashes_are_added_where_a_directory_is() {
        check(
            HtmlHandling::AutoTrailingSlash,
            FILES,
            &[
                ("/", "=/index.html"),
                ("/index", ">/"),
                ("/index.html", ">/"),
                ("/file", "=/file.html"),
                ("/file.html", ">/file"),
                ("/file/", ">/file"),
                ("/file/index", ">/file"),
                ("/file/index.html", ">/file"),
                ("/folder", ">/folder/"),
                ("/folder.html", ">/folder/"),
                ("/folder/", "=/folder/index.html"),
                ("/folder/index", ">/folder/"),
                ("/folder/index.html", ">/folder/"),
                ("/plain.txt", "=/plain.txt"),
                ("/plain", "-"),
                ("/both", "=/both.html"),
                ("/both/", "=/both/index.html"),
                ("/none", "-"),
            ],
        );
    }

    #[test]
    fn slashes_are_forced() {
        check(
            HtmlHandling::ForceTrailingSlash,
            FILES,
            &[
                ("/", "=/index.html"),
                ("/index.html", ">/"),
                ("/file", ">/file/"),
                ("/file.html", ">/file/"),
                ("/file/", "=/file.html"),
                ("/file/index", ">/file/"),
                ("/folder", ">/folder/"),
                ("/folder.html", ">/folder/"),
                ("/folder/", "=/folder/index.html"),
                ("/folder/index.html", ">/folder/"),
                ("/both.html", "=/both.html"),
                ("/both/", "=/both/index.html"),
                ("/plain.txt", "=/plain.txt"),
                ("/plain.txt/", "-"),
            ],
        );
    }

    #[test]
    fn slashes_are_dropped() {
        check(
            HtmlHandling::DropTrailingSlash,
            FILES,
            &[
                ("/", "=/index.html"),
                ("/index", ">/"),
                ("/index.html", ">/"),
                ("/file", "=/file.html"),
                ("/file.html", ">/file"),
                ("/file/", ">/file"),
                ("/folder", "=/folder/index.html"),
                ("/folder.html", ">/folder"),
                ("/folder/", ">/folder"),
                ("/folder/index", ">/folder"),
                ("/folder/index.html", ">/folder"),
                ("/both", "=/both.html"),
                ("/both/", ">/both"),
                ("/both/index.html", "=/both/index.html"),
            ],
        );
    }

    #[test]
    fn html_may_be_served_as_it_lies() {
        check(
            HtmlHandling::None,
            FILES,
            &[
                ("/", "-"),
                ("/index.html", "=/index.html"),
                ("/file", "-"),
                ("/file.html", "=/file.html"),
            ],
        );
    }

    #[test]
    fn the_nearest_page_says_that_nothing_is_there() {
        let site = site(&["/404.html", "/a/404.html", "/index.html"]);
        for (path, at) in [
            ("/x", "/404.html"),
            ("/a/b/c", "/a/404.html"),
            ("/ab", "/404.html"),
        ] {
            let (file, is_answer) = fallback(&site, NotFoundHandling::Page, path).expect(path);
            let same = site
                .file(at)
                .is_some_and(|expected| std::ptr::eq(expected, file));
            assert!(same && !is_answer, "{path}");
        }
        assert!(fallback(&site, NotFoundHandling::None, "/x").is_none());
        assert!(
            fallback(&site, NotFoundHandling::SinglePageApplication, "/x")
                .is_some_and(|(_, yes)| yes)
        );
    }
}
