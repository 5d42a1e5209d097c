//! What is to happen to a header map.

/// A name with a value.
#[derive(Debug, PartialEq)]
pub struct Header {
    pub name: String,
    pub value: String,
}

/// What is to happen to one header map.
#[derive(Debug, Default, PartialEq)]
pub struct Rules {
    pub remove: Vec<String>,
    pub replace: Vec<Header>,
    pub add: Vec<Header>,
}

/// A header map that can be changed.
pub trait HeaderMap {
    fn remove(&mut self, name: &str);
    fn replace(&mut self, name: &str, value: &str);
    fn add(&mut self, name: &str, value: &str);
}

impl Rules {
    /// Removes, then replaces, then adds.
    pub fn apply(&self, map: &mut impl HeaderMap) {
        for name in &self.remove {
            map.remove(name);
        }
        for header in &self.replace {
            map.replace(&header.name, &header.value);
        }
        for header in &self.add {
            map.add(&header.name, &header.value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Journal(Vec<String>);

    impl HeaderMap for Journal {
        fn remove(&mut self, name: &str) {
            self.0.push(format!("remove {name}"));
        }

        fn replace(&mut self, name: &str, value: &str) {
            self.0.push(format!("replace {name} {value}"));
        }

        fn add(&mut self, name: &str, value: &str) {
            self.0.push(format!("add {name} {value}"));
        }
    }

    fn header(name: &str, value: &str) -> Header {
        Header {
            name: name.into(),
            value: value.into(),
        }
    }

    #[test]
    fn rules_are_applied_in_order() {
        let rules = Rules {
            add: vec![header("x-c", "2"), header("x-c", "3")],
            replace: vec![header("x-b", "1")],
            remove: vec!["x-a".into()],
        };
        let mut journal = Journal::default();

        rules.apply(&mut journal);

        assert_eq!(
            journal.0,
            ["remove x-a", "replace x-b 1", "add x-c 2", "add x-c 3"]
        );
    }
}
