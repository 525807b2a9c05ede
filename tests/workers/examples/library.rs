//! A component that is a library: it exports an interface of its own and no handler, so there is
//! nothing in it that could answer a request.

wit_bindgen::generate!({
    inline: r#"
        package acme:library;

        interface arithmetic {
            add: func(left: u32, right: u32) -> u32;
        }

        world library {
            export arithmetic;
        }
    "#,
});

struct Library;
export!(Library);

impl exports::acme::library::arithmetic::Guest for Library {
    fn add(left: u32, right: u32) -> u32 {
        left.wrapping_add(right)
    }
}
