mod back_channel_logout;
mod callback;
mod form;
mod limits;
mod start;
