//! What is printed: a goal, what was measured, what beside, and whether that will do.

use std::fmt;

/// How a figure is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    /// More is better.
    AtLeast(f64),
    /// Less is better.
    AtMost(f64),
}

impl Bound {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(bound) => figure >= bound,
            Self::AtMost(bound) => figure <= bound,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(bound) => write!(f, "≥ {bound}"),
            Self::AtMost(bound) => write!(f, "≤ {bound}"),
        }
    }
}

/// One line.
#[derive(Debug)]
pub(crate) struct Row {
    /// The goal.
    pub goal: &'static str,
    /// What was measured, in words with its unit.
    pub measured: String,
    /// What it is compared with, in words with its unit.
    pub reference: String,
    /// What is judged.
    pub figure: f64,
    /// What the figure is.
    pub unit: &'static str,
    /// What must be.
    pub must: Option<Bound>,
    /// What would be good.
    pub stretch: Option<Bound>,
}

impl Row {
    fn cells(&self) -> [String; 7] {
        let bound = |bound: Option<Bound>| bound.map_or_else(|| "–".to_owned(), |bound| bound.to_string());
        let met = match (self.must, self.stretch) {
            (_, Some(stretch)) if stretch.holds(self.figure) => "stretch",
            (Some(must), _) if must.holds(self.figure) => "yes",
            (Some(_), _) => "NO",
            (None, Some(_)) => "not yet",
            (None, None) => "–",
        };
        let figure = match self.figure.fract() == 0.0 {
            true => format!("{} {}", self.figure, self.unit),
            false => format!("{:.2} {}", self.figure, self.unit),
        };
        [
            self.goal.to_owned(),
            self.measured.clone(),
            self.reference.clone(),
            figure,
            bound(self.must),
            bound(self.stretch),
            met.to_owned(),
        ]
    }
}

/// All lines.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    pub(crate) fn push(&mut self, row: Row) {
        self.0.push(row);
    }

    pub(crate) fn extend(&mut self, rows: impl IntoIterator<Item = Row>) {
        self.0.extend(rows);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = [
            "goal",
            "measured",
            "reference",
            "ratio",
            "must",
            "stretch",
            "met?",
        ]
        .map(str::to_owned);
        let lines: Vec<[String; 7]> = std::iter::once(head)
            .chain(self.0.iter().map(Row::cells))
            .collect();
        let mut widths = [0; 7];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = cell.chars().count().max(*width);
            }
        }
        for line in &lines {
            let padded: Vec<String> = line
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            writeln!(f, "{}", padded.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// The middle one; of an even number the upper of the two.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
