"""An existing Streamlit app on these decorators: ``import reprise.auto``, as its first line.

The import does what :func:`reprise.install` does; importing it again, in every run of the script
and in every page, costs nothing.

>>> import reprise.auto
>>> import streamlit as st
>>> st.cache_data is reprise.cache_data
True
>>> reprise.uninstall()
"""

from __future__ import annotations

from reprise.drop_in import install

install()
