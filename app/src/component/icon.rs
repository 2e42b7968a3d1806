//! Icons: the shapes of Lucide, one `<path>` each, and only those that a page shows.
//!
//! Ours rather than an icon crate: those carry fixed stroke widths and roles without names, and a page's markup
//! is smaller with one path per icon. To add one, take its shapes from <https://lucide.dev> and write circles and
//! lines as path commands.
//!
//! The shapes are © Lucide Icons and Contributors, ISC licence (some © Cole Bemis, MIT licence).

use leptos::prelude::*;

/// Which shape, named for what it looks like or what it stands for throughout the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Lucide `house`.
    Home,
    /// Lucide `inbox`.
    Inbox,
    /// Lucide `key-round`.
    Key,
    /// Lucide `git-branch`.
    Branch,
    /// Lucide `layers`.
    Layers,
    /// Lucide `scroll-text`.
    Scroll,
    /// Lucide `menu`.
    Menu,
    /// Lucide `chevron-down`.
    ChevronDown,
    /// Lucide `chevron-right`.
    ChevronRight,
    /// Lucide `log-out`.
    SignOut,
    /// Lucide `monitor-x`.
    Devices,
    /// Lucide `search`.
    Search,
    /// Lucide `plus`.
    Plus,
    /// Lucide `check`.
    Check,
    /// Lucide `x`.
    Cross,
    /// Lucide `minus`.
    Minus,
    /// Lucide `circle-check`.
    CircleCheck,
    /// Lucide `circle-x`.
    CircleCross,
    /// Lucide `circle-alert`.
    CircleAlert,
    /// Lucide `triangle-alert`.
    Triangle,
    /// Lucide `info`.
    Info,
    /// Lucide `clock`.
    Clock,
    /// Lucide `hourglass`.
    Hourglass,
    /// Lucide `play`.
    Play,
    /// Lucide `pause`.
    Pause,
    /// Lucide `ban`.
    Ban,
    /// Lucide `route`.
    Route,
    /// Lucide `user-check`.
    UserCheck,
    /// Lucide `user-round`.
    User,
    /// Lucide `users`.
    Users,
    /// Lucide `bot`.
    Agent,
    /// Lucide `workflow`.
    Workload,
    /// Lucide `database`.
    Database,
    /// Lucide `scale`.
    Scale,
    /// Lucide `list-checks`.
    Rules,
    /// Lucide `send`.
    Send,
    /// Lucide `scissors`.
    Scissors,
    /// Lucide `zap`.
    Zap,
    /// Lucide `flame`.
    Flame,
    /// Lucide `refresh-cw`.
    Refresh,
    /// Lucide `shield-check`.
    ShieldCheck,
    /// Lucide `fingerprint-pattern`.
    Fingerprint,
    /// Lucide `arrow-right`.
    ArrowRight,
    /// Lucide `equal`.
    Equal,
    /// Lucide `copy`.
    Copy,
    /// Lucide `file-pen`.
    Draft,
    /// Lucide `undo-2`.
    Undo,
    /// Lucide `timer-off`.
    Expired,
    /// Lucide `calendar-clock`.
    Scheduled,
    /// Lucide `archive`.
    Archive,
    /// Lucide `list-filter`.
    Filter,
    /// Lucide `message-square`.
    Message,
    /// Lucide `bell`.
    Bell,
    /// Lucide `book-open`.
    Book,
    /// Lucide `download`.
    Download,
    /// Lucide `link`.
    Chain,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::Home => {
                "M15 21v-8a1 1 0 0 0-1-1h-4a1 1 0 0 0-1 1v8M3 10a2 2 0 0 1 .709-1.528l7-6a2 2 0 0 1 2.582 0l7 6A2 2 0 0 1 21 10v9a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"
            }
            Self::Inbox => {
                "M22 12 16 12 14 15 10 15 8 12 2 12M5.45 5.11 2 12v6a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2v-6l-3.45-6.89A2 2 0 0 0 16.76 4H7.24a2 2 0 0 0-1.79 1.11z"
            }
            Self::Key => {
                "M2.586 17.414A2 2 0 0 0 2 18.828V21a1 1 0 0 0 1 1h3a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h1a1 1 0 0 0 1-1v-1a1 1 0 0 1 1-1h.172a2 2 0 0 0 1.414-.586l.814-.814a6.5 6.5 0 1 0-4-4zM16 7.5a0.5 0.5 0 1 0 1 0a0.5 0.5 0 1 0 -1 0"
            }
            Self::Branch => {
                "M15 6a9 9 0 0 0-9 9V3M15 6a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M3 18a3 3 0 1 0 6 0a3 3 0 1 0 -6 0"
            }
            Self::Layers => {
                "M12.83 2.18a2 2 0 0 0-1.66 0L2.6 6.08a1 1 0 0 0 0 1.83l8.58 3.91a2 2 0 0 0 1.66 0l8.58-3.9a1 1 0 0 0 0-1.83zM2 12a1 1 0 0 0 .58.91l8.6 3.91a2 2 0 0 0 1.65 0l8.58-3.9A1 1 0 0 0 22 12M2 17a1 1 0 0 0 .58.91l8.6 3.91a2 2 0 0 0 1.65 0l8.58-3.9A1 1 0 0 0 22 17"
            }
            Self::Scroll => {
                "M15 12h-5M15 8h-5M19 17V5a2 2 0 0 0-2-2H4M8 21h12a2 2 0 0 0 2-2v-1a1 1 0 0 0-1-1H11a1 1 0 0 0-1 1v1a2 2 0 1 1-4 0V5a2 2 0 1 0-4 0v2a1 1 0 0 0 1 1h3"
            }
            Self::Menu => "M4 5h16M4 12h16M4 19h16",
            Self::ChevronDown => "M6 9l6 6 6-6",
            Self::ChevronRight => "M9 18l6-6-6-6",
            Self::SignOut => "M16 17l5-5-5-5M21 12H9M9 21H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h4",
            Self::Devices => {
                "M14.5 12.5l-5-5M9.5 12.5l5-5M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-16a2 2 0 0 1 -2 -2v-10a2 2 0 0 1 2 -2zM12 17v4M8 21h8"
            }
            Self::Search => "M21 21l-4.34-4.34M3 11a8 8 0 1 0 16 0a8 8 0 1 0 -16 0",
            Self::Plus => "M5 12h14M12 5v14",
            Self::Check => "M20 6 9 17l-5-5",
            Self::Cross => "M18 6 6 18M6 6l12 12",
            Self::Minus => "M5 12h14",
            Self::CircleCheck => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M16 9l-5.5 5.5L8 12",
            Self::CircleCross => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M15 9l-6 6M9 9l6 6",
            Self::CircleAlert => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M12 8L12 12M12 16L12.01 16",
            Self::Triangle => {
                "M21.73 18l-8-14a2 2 0 0 0-3.48 0l-8 14A2 2 0 0 0 4 21h16a2 2 0 0 0 1.73-3M12 9v4M12 17h.01"
            }
            Self::Info => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M12 16v-4M12 8h.01",
            Self::Clock => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M12 6v6l4 2",
            Self::Hourglass => {
                "M5 22h14M5 2h14M17 22v-4.172a2 2 0 0 0-.586-1.414L12 12l-4.414 4.414A2 2 0 0 0 7 17.828V22M7 2v4.172a2 2 0 0 0 .586 1.414L12 12l4.414-4.414A2 2 0 0 0 17 6.172V2"
            }
            Self::Play => {
                "M5 5a2 2 0 0 1 3.008-1.728l11.997 6.998a2 2 0 0 1 .003 3.458l-12 7A2 2 0 0 1 5 19z"
            }
            Self::Pause => {
                "M15 3h3a1 1 0 0 1 1 1v16a1 1 0 0 1 -1 1h-3a1 1 0 0 1 -1 -1v-16a1 1 0 0 1 1 -1zM6 3h3a1 1 0 0 1 1 1v16a1 1 0 0 1 -1 1h-3a1 1 0 0 1 -1 -1v-16a1 1 0 0 1 1 -1z"
            }
            Self::Ban => "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M4.929 4.929 19.07 19.071",
            Self::Route => {
                "M3 19a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M9 19h8.5a3.5 3.5 0 0 0 0-7h-11a3.5 3.5 0 0 1 0-7H15M15 5a3 3 0 1 0 6 0a3 3 0 1 0 -6 0"
            }
            Self::UserCheck => {
                "M16 11l2 2 4-4M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M5 7a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"
            }
            Self::User => "M7 8a5 5 0 1 0 10 0a5 5 0 1 0 -10 0M20 21a8 8 0 0 0-16 0",
            Self::Users => {
                "M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M16 3.128a4 4 0 0 1 0 7.744M22 21v-2a4 4 0 0 0-3-3.87M5 7a4 4 0 1 0 8 0a4 4 0 1 0 -8 0"
            }
            Self::Agent => {
                "M12 8V4H8M6 8h12a2 2 0 0 1 2 2v8a2 2 0 0 1 -2 2h-12a2 2 0 0 1 -2 -2v-8a2 2 0 0 1 2 -2zM2 14h2M20 14h2M15 13v2M9 13v2"
            }
            Self::Workload => {
                "M5 3h4a2 2 0 0 1 2 2v4a2 2 0 0 1 -2 2h-4a2 2 0 0 1 -2 -2v-4a2 2 0 0 1 2 -2zM7 11v4a2 2 0 0 0 2 2h4M15 13h4a2 2 0 0 1 2 2v4a2 2 0 0 1 -2 2h-4a2 2 0 0 1 -2 -2v-4a2 2 0 0 1 2 -2z"
            }
            Self::Database => {
                "M3 5a9 3 0 1 0 18 0a9 3 0 1 0 -18 0M3 5V19A9 3 0 0 0 21 19V5M3 12A9 3 0 0 0 21 12"
            }
            Self::Scale => {
                "M12 3v18M19 8l3 8a5 5 0 0 1-6 0zV7M3 7h1a17 17 0 0 0 8-2 17 17 0 0 0 8 2h1M5 8l3 8a5 5 0 0 1-6 0zV7M7 21h10"
            }
            Self::Rules => "M13 5h8M13 12h8M13 19h8M3 17l2 2 4-4M3 7l2 2 4-4",
            Self::Send => {
                "M14.536 21.686a.5.5 0 0 0 .937-.024l6.5-19a.496.496 0 0 0-.635-.635l-19 6.5a.5.5 0 0 0-.024.937l7.93 3.18a2 2 0 0 1 1.112 1.11zM21.854 2.147l-10.94 10.939"
            }
            Self::Scissors => {
                "M3 6a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M8.12 8.12 12 12M20 4 8.12 15.88M3 18a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M14.8 14.8 20 20"
            }
            Self::Zap => {
                "M15.914 4a1.5 1.5 0 00-2.474-1.561l-9 9A1.5 1.5 0 005.5 14h4.002a.5.5 0 01.471.666L8.086 20a1.5 1.5 0 002.475 1.56l9-9A1.5 1.5 0 0018.5 10h-3.997a.5.5 0 01-.472-.667z"
            }
            Self::Flame => {
                "M12 3q1 4 4 6.5t3 5.5a1 1 0 0 1-14 0 5 5 0 0 1 1-3 1 1 0 0 0 5 0c0-2-1.5-3-1.5-5q0-2 2.5-4"
            }
            Self::Refresh => {
                "M3 12a9 9 0 0 1 9-9 9.75 9.75 0 0 1 6.74 2.74L21 8M21 3v5h-5M21 12a9 9 0 0 1-9 9 9.75 9.75 0 0 1-6.74-2.74L3 16M8 16H3v5"
            }
            Self::ShieldCheck => {
                "M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.5-1.2 6.24-2.72a1.17 1.17 0 0 1 1.52 0C14.51 3.81 17 5 19 5a1 1 0 0 1 1 1zM9 12l2 2 4-4"
            }
            Self::Fingerprint => {
                "M12 10a2 2 0 0 0-2 2c0 1.02-.1 2.51-.26 4M14 13.12c0 2.38 0 6.38-1 8.88M17.29 21.02c.12-.6.43-2.3.5-3.02M2 12a10 10 0 0 1 18-6M2 16h.01M21.8 16c.2-2 .131-5.354 0-6M5 19.5C5.5 18 6 15 6 12a6 6 0 0 1 .34-2M8.65 22c.21-.66.45-1.32.57-2M9 6.8a6 6 0 0 1 9 5.2v2"
            }
            Self::ArrowRight => "M5 12h14M12 5l7 7-7 7",
            Self::Equal => "M5 9L19 9M5 15L19 15",
            Self::Copy => {
                "M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1 -2 2h-10a2 2 0 0 1 -2 -2v-10a2 2 0 0 1 2 -2zM4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2"
            }
            Self::Draft => {
                "M12.659 22H18a2 2 0 0 0 2-2V8a2.4 2.4 0 0 0-.706-1.706l-3.588-3.588A2.4 2.4 0 0 0 14 2H6a2 2 0 0 0-2 2v9.34M14 2v5a1 1 0 0 0 1 1h5M10.378 12.622a1 1 0 0 1 3 3.003L8.36 20.637a2 2 0 0 1-.854.506l-2.867.837a.5.5 0 0 1-.62-.62l.836-2.869a2 2 0 0 1 .506-.853z"
            }
            Self::Undo => "M9 14 4 9l5-5M4 9h10.5a5.5 5.5 0 0 1 5.5 5.5a5.5 5.5 0 0 1-5.5 5.5H11",
            Self::Expired => {
                "M10 2h4M4.6 11a8 8 0 0 0 1.7 8.7 8 8 0 0 0 8.7 1.7M7.4 7.4a8 8 0 0 1 10.3 1 8 8 0 0 1 .9 10.2M2 2l20 20M12 12v-2"
            }
            Self::Scheduled => {
                "M16 14v2.2l1.6 1M16 2v3M21 7.338V5a2 2 0 00-2-2H5a2 2 0 00-2 2v14a2 2 0 002 2h2.338M3 9h5.859M8 2v3M10 16a6 6 0 1 0 12 0a6 6 0 1 0 -12 0"
            }
            Self::Archive => {
                "M3 3h18a1 1 0 0 1 1 1v3a1 1 0 0 1 -1 1h-18a1 1 0 0 1 -1 -1v-3a1 1 0 0 1 1 -1zM4 8v11a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2V8M10 12h4"
            }
            Self::Filter => "M2 5h20M6 12h12M9 19h6",
            Self::Message => {
                "M22 17a2 2 0 0 1-2 2H6.828a2 2 0 0 0-1.414.586l-2.202 2.202A.71.71 0 0 1 2 21.286V5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2z"
            }
            Self::Bell => {
                "M10.268 21a2 2 0 0 0 3.464 0M3.262 15.326A1 1 0 0 0 4 17h16a1 1 0 0 0 .74-1.673C19.41 13.956 18 12.499 18 8A6 6 0 0 0 6 8c0 4.499-1.411 5.956-2.738 7.326"
            }
            Self::Book => {
                "M12 5v16M20.001 19A2 2 0 0022 17V5a2 2 0 00-1.999-2L16 3.002A5 5 0 0012 5a5 5 0 00-4-2H4a2 2 0 00-2 2v12a2 2 0 001.999 2H8a5 5 0 014 2 5 5 0 014-2z"
            }
            Self::Download => "M12 15V3M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4M7 10l5 5 5-5",
            Self::Chain => {
                "M10 13a5 5 0 0 0 7.54.54l3-3a5 5 0 0 0-7.07-7.07l-1.72 1.71M14 11a5 5 0 0 0-7.54-.54l-3 3a5 5 0 0 0 7.07 7.07l1.71-1.71"
            }
        }
    }
}

/// An icon in the text's colour. It is never the only carrier of meaning: a word or an `aria-label` stands with it.
#[component]
pub fn Icon(
    /// Which one.
    shape: Shape,
    /// The classes for size and colour.
    #[prop(default = "size-4")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <svg
            class=format!("shrink-0 {class}")
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=shape.path()></path>
        </svg>
    }
    .into_any()
}

/// The mark of Spillway.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg
            class="size-6 shrink-0 text-primary"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="2"
            stroke-linecap="round"
            aria-hidden="true"
        >
            <path d="M3 5h7v6c0 4 3 4 3 8"></path>
            <path d="M21 5h-4v6c0 4-3 4-3 8" opacity=".45"></path>
            <path d="M3 19h18"></path>
        </svg>
    }
    .into_any()
}
