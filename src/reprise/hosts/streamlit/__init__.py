"""The host Streamlit: what a function displays there and reads there, and how it is hooked in."""
