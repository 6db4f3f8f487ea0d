//! A table of text.

use std::fmt;

/// Rows under a heading; numbers are right-aligned, words are not: the first
/// columns, and the last one where it has no heading.
#[derive(Debug)]
pub(crate) struct Table {
    /// How many columns from the left hold words.
    words: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(words: usize, heading: &[&str]) -> Self {
        Self {
            words,
            rows: vec![heading.iter().map(|it| (*it).to_owned()).collect()],
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|it| it.get(column))
                .map(|it| it.chars().count())
                .max()
        };
        let widths: Vec<_> = (0..columns).map(|it| width(it).unwrap_or(0)).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let gap = if column == 0 { "" } else { "  " };
                let words = column < self.words || self.rows[0][column].is_empty();
                line += &match words {
                    true => format!("{gap}{cell:<width$}"),
                    false => format!("{gap}{cell:>width$}"),
                };
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}
