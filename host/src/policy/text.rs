//! Texts of a guest that people will read, on a terminal and on a page.

use std::fmt::Write as _;

/// What a name may not hold.
pub const MARKUP: &str = "< > & \" ' ` \\";

/// Whether `text` shows as what it is: no control characters, and none that are
/// invisible or turn the direction of what follows.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    !text.chars().any(is_hidden)
}

/// Whether `text` can be a name: visible, and nothing that a page, a shell or a
/// log could take for markup.
#[must_use]
pub fn is_name(text: &str) -> bool {
    is_visible(text) && !text.contains(['<', '>', '&', '"', '\'', '`', '\\'])
}

/// `text` with an escape, `\u{…}`, for each character that does not show.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && c != '\n' {
            // Writing to a String can't fail.
            let _ = write!(shown, "{}", c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Controls, formats (soft hyphens, zero-width and direction marks, tags) and
/// separators of lines.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_no_part_of_a_text() {
        for text in [
            "dial",
            "ein Regler für 0,10 €",
            "拨号",
            "a < b & c",
            "👩‍🚀".trim_matches('\u{200d}'),
        ] {
            assert_eq!(is_visible(text), !text.contains('\u{200d}'), "{text:?}");
        }
        for hidden in [
            "\x1b[2J",
            "a\nb",
            "\u{202e}lever",
            "zero\u{200b}width",
            "\u{feff}",
            "\u{2028}",
            "\u{7f}",
            "\u{9b}31m",
        ] {
            assert!(!is_visible(hidden), "{hidden:?}");
            assert!(is_visible(&escaped(hidden).replace('\n', "")), "{hidden:?}");
        }
    }

    #[test]
    fn markup_is_no_part_of_a_name() {
        for name in [
            "ainfera/auto",
            "ainfera-mithril/sunset",
            "preference dial 2.0",
            "模型",
        ] {
            assert!(is_name(name), "{name}");
        }
        for name in [
            "<script>alert(1)</script>",
            "a&amp;b",
            "`rm`",
            "a\"b",
            "it's",
            "a\\b",
        ] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn an_escape_keeps_the_rest() {
        assert_eq!(
            escaped("import `\x1b[31m`:\nno"),
            "import `\\u{1b}[31m`:\nno"
        );
    }
}
