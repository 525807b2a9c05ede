//! Tenants' series in Prometheus' text format.
//!
//! Written straight from the cells: the `prometheus` crate would first make some 70 objects with labels of their own for each
//! tenant. Labels are tenants' names, in which nothing needs to be escaped (`model::tenant`).

use std::io::Write;

use super::series::{Cells, FAMILIES, Gauges, Shape};

/// One tenant's figures.
pub(super) struct Figures<'a> {
    pub label: &'a str,
    pub cells: &'a Cells,
    pub gauges: Gauges,
}

/// Writes all families, each with all tenants.
pub(super) fn write(text: &mut Vec<u8>, tenants: &[Figures<'_>]) {
    for family in &FAMILIES {
        let name = family.name;
        let kind = match family.shape {
            Shape::Counter(_) | Shape::Seconds(_) | Shape::Counters(..) => "counter",
            Shape::Histogram(..) => "histogram",
            Shape::Gauge(_) => "gauge",
        };
        // Writing to memory cannot fail, here and below.
        let _ = write!(
            text,
            "# HELP {name} {}\n# TYPE {name} {kind}\n",
            family.help
        );
        for figures in tenants {
            let _ = one(text, name, &family.shape, figures);
        }
    }
}

fn one(
    text: &mut Vec<u8>,
    name: &str,
    shape: &Shape,
    figures: &Figures<'_>,
) -> std::io::Result<()> {
    let Figures {
        label,
        cells,
        gauges,
    } = figures;
    match *shape {
        Shape::Counter(cell) => writeln!(text, "{name}{{tenant=\"{label}\"}} {}", cells[cell]),
        Shape::Seconds(cell) => {
            writeln!(
                text,
                "{name}{{tenant=\"{label}\"}} {}",
                seconds(cells[cell])
            )
        }
        Shape::Counters(from, by, values) => {
            for (value, amount) in values.iter().zip(&cells[from..]) {
                writeln!(
                    text,
                    "{name}{{{by}=\"{value}\",tenant=\"{label}\"}} {amount}"
                )?;
            }
            Ok(())
        }
        Shape::Histogram(from, bounds) => {
            let mut count = 0;
            for ((_, most), amount) in bounds.iter().zip(&cells[from..]) {
                count += amount;
                writeln!(
                    text,
                    "{name}_bucket{{tenant=\"{label}\",le=\"{most}\"}} {count}"
                )?;
            }
            count += cells[from + bounds.len()];
            let sum = seconds(cells[from + bounds.len() + 1]);
            writeln!(
                text,
                "{name}_bucket{{tenant=\"{label}\",le=\"+Inf\"}} {count}"
            )?;
            writeln!(text, "{name}_sum{{tenant=\"{label}\"}} {sum}")?;
            writeln!(text, "{name}_count{{tenant=\"{label}\"}} {count}")
        }
        Shape::Gauge(value) => {
            writeln!(text, "{name}{{tenant=\"{label}\"}} {}", value(gauges))
        }
    }
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}
