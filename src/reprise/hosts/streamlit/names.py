"""The table of what is private to Streamlit: each name, its use and the releases that have it.

:data:`PRIVATE` is all of them. Nothing here decides anything: the table says what there is
(``hooks`` wraps some of it, ``internals`` does things with the rest).

A name that is gone in some future release costs a warning and what it was used for, never an
error: the hook is left out, and the recorder is told what it cannot see.
"""

from __future__ import annotations

from typing import Final

from reprise.hosts.streamlit.copies import COPIED
from reprise.hosts.streamlit.private import Private

_SHOW = "notice what a cached function displays"
_STAND = "know where an element stands"
_RELEASE = "release what is cached for one session"
_SESSION: Final = ".runtime.app_session"
_MANAGER: Final = ".runtime.websocket_session_manager"
_CONTEXT: Final = ".runtime.scriptrunner_utils.script_run_context"
_STATUS: Final = ".elements.lib.mutable_status_container"

ENQUEUE: Final = Private(".delta_generator", "DeltaGenerator._enqueue", _SHOW)
BLOCK: Final = Private(".delta_generator", "DeltaGenerator._block", _SHOW)
REDUCE: Final = Private(
    ".delta_generator", "DeltaGenerator.__reduce_ex__", "keep containers that are returned"
)
SEND: Final = Private(_CONTEXT, "ScriptRunContext.enqueue", _SHOW)
STATUS: Final = Private(_STATUS, "StatusContainer.update", "replay status updates")
MEDIA: Final = Private(
    ".runtime.media_file_manager", "MediaFileManager.add", "show images and other media again"
)
ELEMENT_ID: Final = Private(
    ".elements.lib.utils", "_register_element_id", "claim the keys of replayed elements"
)
WIDGET: Final = Private(
    ".runtime.state.safe_session_state",
    "SafeSessionState.register_widget",
    "notice widgets inside cached functions",
)
STATE_RESET: Final = Private(
    ".runtime.state.safe_session_state",
    "SafeSessionState.reset_state_value",
    "replay widgets that correct their values",
    since=(1, 50),
)
FRAGMENT: Final = Private(
    ".runtime.fragment", "MemoryFragmentStorage.register", "notice fragments", since=(1, 60)
)
FRAGMENT_SET: Final = Private(
    ".runtime.fragment", "MemoryFragmentStorage.set", "notice fragments", until=(1, 55)
)
DEFERRED: Final = Private(
    ".runtime.media_file_manager",
    "MediaFileManager.add_deferred",
    "notice deferred downloads",
    since=(1, 55),
)
LAZY_FRAME: Final = Private(
    ".runtime.dataframe_source_manager",
    "DataframeSourceManager.register_source",
    "notice lazy data frames",
    since=(1, 67),
)
SHUTDOWN: Final = Private(_SESSION, "AppSession.shutdown", _RELEASE, replay=False)
DISCONNECT: Final = Private(
    _MANAGER, "WebsocketSessionManager.disconnect_session", _RELEASE, replay=False
)
CLOSE: Final = Private(_MANAGER, "WebsocketSessionManager.close_session", _RELEASE, replay=False)
CLEAR: Final = Private(
    _SESSION,
    "AppSession._handle_clear_cache_request",
    'clear its caches with the "Clear cache" menu entry',
    replay=False,
)
STACK: Final = Private(".delta_generator_singletons", "context_dg_stack", _STAND)
CURRENT_RUN: Final = Private(_CONTEXT, "get_script_run_ctx", "know the session")
EXISTS: Final = Private(".runtime", "exists", "tell a running app from a plain script")
FORM_ID: Final = Private(".elements.lib.form_utils", "current_form_id", _STAND)
THREAD_STATE: Final = Private(_CONTEXT, "ThreadState.get", "know the page", since=(1, 60))
SEND_CURRENT: Final = Private(_CONTEXT, "enqueue_message", "replay status updates")
IN_CACHED: Final = Private(
    _CONTEXT, "in_cached_function", "replay fast inside functions of other caches", replay=False
)
AGENT: Final = Private(
    ".elements.lib.agent_spec",
    "is_recording",
    "describe elements to agents",
    since=(1, 67),
    replay=False,
)

_BAR: Final = "show progress"
TRANSIENT: Final = Private(
    ".delta_generator", "DeltaGenerator._transient", _BAR, since=(1, 55), replay=False
)
ELEMENT: Final = Private(".proto.Element_pb2", "Element", _BAR, replay=False)
ATTACH: Final = Private(".runtime.scriptrunner", "add_script_run_ctx", _BAR, replay=False)

_ALL: Final = ("__iter__", "__len__", "__str__", "to_dict")
_READ_BY: Final = (
    ("session_state", ".runtime.state.session_state_proxy", "SessionStateProxy", {
        "item": ("__getitem__",), "has": ("__contains__",), "all": _ALL,
        "write": ("__setitem__", "__delitem__"),
    }),
    ("query_params", ".runtime.state.query_params_proxy", "QueryParamsProxy", {
        "item": ("__getitem__", "__getattr__"), "list": ("get_all",), "has": ("__contains__",),
        "all": _ALL,
        "write": ("__setitem__", "__delitem__", "__setattr__", "__delattr__", "update", "clear",
                  "from_dict"),
    }),
    ("context", ".runtime.context", "ContextProxy", {"property": ("__getattribute__",)}),
    ("user", ".user_info", "UserInfoProxy", {
        "item": ("__getitem__", "__getattr__"), "has": ("__contains__",),
        "all": ("__iter__", "__len__", "to_dict"), "property": ("__getattribute__",),
    }),
)  # fmt: skip
PROXIES: Final = tuple(
    (source, kind, Private(module, f"{owner}.{method}", f"notice reads of st.{source}"))
    for source, module, owner, kinds in _READ_BY
    for kind, methods in kinds.items()
    for method in methods
)
"""What a script reads its session by: ``st.session_state`` and the like, method by method."""

_INPUT: Final = "know the values of widgets"
_FORM: Final = "replay forms"
TESTING_KEY: Final = Private(
    ".runtime.state.common", "TESTING_KEY", "replay widgets in AppTest", replay=False
)
UPLOADED: Final = Private(".runtime.uploaded_file_manager", "UploadedFile", _INPUT)

READ: Final = (
    *(TESTING_KEY, UPLOADED),
    Private(".delta_generator", "DeltaGenerator._form_data", _FORM),
    Private(_CONTEXT, "ScriptRunContext.cursors", "tell runs of a script apart"),
    Private(_CONTEXT, "ScriptRunContext.session_state", _INPUT),
    Private(_CONTEXT, "ScriptRunContext.current_fragment_id", _INPUT, until=(1, 55)),
    Private(_CONTEXT, "FragmentThreadState.fragment_id", _INPUT, since=(1, 60)),
    Private(_CONTEXT, "ScriptRunContext.form_ids_this_run", _FORM, until=(1, 55)),
    Private(_CONTEXT, "ScriptRunContext.shared", _FORM, since=(1, 60)),
    Private(".runtime.state.common", "WidgetMetadata.callback", _INPUT),
    Private(".runtime.state.common", "WidgetMetadata.callback_args", _INPUT),
    Private(".runtime.state.common", "WidgetMetadata.callback_kwargs", _INPUT),
    Private(".runtime.state.common", "WidgetMetadata.fragment_id", _INPUT),
    Private(".runtime.state.common", "RegisterWidgetResult.value_changed", _INPUT),
    Private(".runtime.state.safe_session_state", "SafeSessionState.is_new_state_value", _INPUT),
    *(STACK, CURRENT_RUN, EXISTS, FORM_ID, THREAD_STATE, AGENT, SEND_CURRENT, IN_CACHED),
    *(TRANSIENT, ELEMENT, ATTACH),
    Private(".cursor", "Cursor.get_locked_cursor", "replay fast", until=(1, 55), replay=False),
    Private(".cursor", "Cursor.lock_element", "replay fast", since=(1, 60), replay=False),
    Private("", "_main", _STAND),
    Private(".delta_generator", "DeltaGenerator._active_dg", _STAND),
    Private(".delta_generator", "DeltaGenerator._cursor", _STAND),
    Private(".delta_generator", "DeltaGenerator._is_top_level", _STAND),
    Private(".delta_generator", "DeltaGenerator._main_dg", _STAND),
    Private(".delta_generator", "DeltaGenerator._root_container", _STAND),
    Private(".cursor", "Cursor.delta_path", _STAND),
    Private(".cursor", "Cursor.is_locked", _STAND),
    Private(".cursor", "Cursor.parent_path", _STAND),
    Private(".cursor", "Cursor.root_container", _STAND),
    Private(_STATUS, "StatusContainer._current_proto", "replay status updates"),
    Private(_STATUS, "StatusContainer._delta_path", "keep containers that are returned"),
    Private(_CONTEXT, "ScriptRunContext.session_id", "know the session"),
    Private(_CONTEXT, "ScriptRunContext.active_script_hash", "know the page", until=(1, 55)),
    Private(_CONTEXT, "FragmentThreadState.active_script_hash", "know the page", since=(1, 60)),
    Private(".runtime", "get_instance", "show images and other media again"),
    Private(".runtime.runtime", "Runtime.media_file_mgr", "show images and other media again"),
    Private(_SESSION, "AppSession.id", _RELEASE, replay=False),
)
"""What is read or called. Besides these, ``st.spinner`` is given its parameter ``_cache``."""

_WRITE: Final = "keep recordings beyond the process"
GENERATOR: Final = Private(".delta_generator", "DeltaGenerator", _WRITE, replay=False)
BLOCK_MESSAGE: Final = Private(".proto.Block_pb2", "Block", _WRITE, replay=False)
MESSAGE: Final = Private(".proto.ForwardMsg_pb2", "ForwardMsg", _WRITE, replay=False)
RECORDS: Final = (
    Private(".elements.lib.layout_utils", "LayoutConfig", _WRITE, since=(1, 55), replay=False),
    Private(
        ".elements.lib.built_in_chart_utils",
        "AddRowsMetadata",
        _WRITE,
        until=(1, 55),
        replay=False,
    ),
    Private(".elements.widgets.time_widgets", "_DateInputValues", _WRITE, replay=False),
    Private(".elements.widgets.chat", "ChatInputValue", _WRITE, since=(1, 55), replay=False),
)
"""Plain records that elements and widgets are made with, besides messages."""
WIDGET_FACTS: Final = Private(".runtime.state.common", "WidgetMetadata", _WRITE, replay=False)
WIDGET_STATE: Final = Private(".proto.WidgetStates_pb2", "WidgetState", _WRITE, replay=False)

_CONVERTERS: Final = (
    (".elements", None, None, """
        arrow.DataframeSelectionSerde deck_gl_json_chart.PydeckSelectionSerde
        plotly_chart.PlotlyChartSelectionSerde vega_charts.VegaLiteStateSerde
    """),
    (".elements.widgets", None, None, """
        audio_input.AudioInputSerde button.ButtonSerde camera_input.CameraInputSerde
        chat.ChatInputSerde checkbox.CheckboxSerde color_picker.ColorPickerSerde
        data_editor.DataEditorSerde file_uploader.FileUploaderSerde multiselect.MultiSelectSerde
        number_input.NumberInputSerde radio.RadioSerde select_slider.SelectSliderSerde
        selectbox.SelectboxSerde slider.SliderSerde text_widgets.TextInputSerde
        text_widgets.TextAreaSerde time_widgets.DateInputSerde time_widgets.TimeInputSerde
    """),
    (".elements.widgets", None, (1, 40), """
        button_group.SingleSelectSerde button_group.SingleOrMultiSelectSerde
    """),
    (".elements.widgets", (1, 55), None, """
        button_group._SingleSelectButtonGroupSerde button_group._MultiSelectButtonGroupSerde
        feedback.FeedbackSerde time_widgets.DateTimeInputSerde
    """),
    (".elements", (1, 55), None, """
        layouts._ExpanderSerde layouts._PopoverSerde layouts._TabsSerde
    """),
    (".elements", (1, 67), None, """
        lib.column_config_utils.ButtonClickSerde
        widgets.menu_button.MenuButtonSerde widgets.pagination.PaginationSerde
    """),
)  # fmt: skip
CONVERTERS: Final = tuple(
    Private(f"{package}.{where}", name, _WRITE, since, until, replay=False)
    for package, since, until, names in _CONVERTERS
    for where, _, name in (one.rpartition(".") for one in names.split())
)
"""The classes of what makes a widget's value of what the browser sends, and the other way."""

_CATCH: Final = "have its errors caught as Streamlit's own"
_CACHE_ERRORS: Final = ".runtime.caching.cache_errors"

API_ERROR: Final = Private(".errors", "StreamlitAPIException", _CATCH, replay=False)
RELATIVES: Final = {
    ours: Private(module, theirs, _CATCH, replay=False)
    for ours, module, theirs in (
        ("UnhashableParamError", _CACHE_ERRORS, "UnhashableParamError"),
        ("UserHashError", ".runtime.caching.hashing", "UserHashError"),
        ("UnserializableReturnValueError", _CACHE_ERRORS, "UnserializableReturnValueError"),
        ("UnevaluatedDataFrameError", _CACHE_ERRORS, "UnevaluatedDataFrameError"),
        ("CacheReplayClosureError", _CACHE_ERRORS, "CacheReplayClosureError"),
        ("InvalidDurationError", ".errors", "StreamlitBadTimeStringError"),
        ("CachedWidgetWarning", ".elements.lib.policies", "CachedWidgetWarning"),
    )
}
"""Of what Reprise raises or warns with, what Streamlit has a class of its own for."""

EXCEPTION_BOX: Final = Private(
    ".elements.exception", "marshall", "format its errors in the browser", replay=False
)
COMMAND: Final = Private(".web.cli", "main", "start apps by `reprise run`", replay=False)

PRIVATE: Final = (
    *(COMMAND, API_ERROR, EXCEPTION_BOX, *RELATIVES.values()),
    *(ENQUEUE, BLOCK, REDUCE, SEND, STATUS, MEDIA, ELEMENT_ID, WIDGET, STATE_RESET),
    *(FRAGMENT, FRAGMENT_SET),
    *(DEFERRED, LAZY_FRAME, SHUTDOWN, DISCONNECT, CLOSE, CLEAR),
    *(private for _, _, private in PROXIES),
    *READ,
    *(GENERATOR, BLOCK_MESSAGE, MESSAGE, WIDGET_FACTS, WIDGET_STATE, *RECORDS, *CONVERTERS),
    *COPIED,
)
"""The table: first what is wrapped (``hooks``), then what is read or called."""
