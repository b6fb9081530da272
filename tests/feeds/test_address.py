"""Addresses: https anywhere, http on this machine only, and no secret in them."""

from __future__ import annotations

import pytest
from glucolog.errors import GlucologError, RefusedError, UsageError
from glucolog.feeds.address import origin_of, parse_address
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("https://my.site.example", "https://my.site.example"),
        ("my.site.example", "https://my.site.example"),
        ("  https://my.site.example/  ", "https://my.site.example"),
        ("https://my.site.example:8443/ns/", "https://my.site.example:8443/ns"),
        ("HTTPS://My.Site.Example:443", "https://my.site.example"),
        ("http://localhost:1337", "http://localhost:1337"),
        ("http://127.0.0.1:1337", "http://127.0.0.1:1337"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://[::1]:1337", "http://[::1]:1337"),
    ],
)
def test_reads_an_address(typed: str, shown: str) -> None:
    assert str(parse_address(typed)) == shown


@pytest.mark.parametrize(
    "typed", ["http://my.site.example", "http://192.168.1.4:1337", "http://localhost.example", "http://0.0.0.0"]
)
def test_plain_http_is_refused_beyond_this_machine(typed: str) -> None:
    with pytest.raises(RefusedError, match="unencrypted") as refused:
        parse_address(typed)
    assert refused.value.exit_code == 4
    assert "https://" in refused.value.remedy


@pytest.mark.parametrize(
    "typed",
    [
        "https://user:pass1234@my.site.example",
        "https://my.site.example/?token=viewer-ea2c682dbadaa2e3",
        "https://my.site.example/#viewer-ea2c682dbadaa2e3",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_address(typed)
    assert "pass1234" not in str(refused.value)
    assert "ea2c682dbadaa2e3" not in str(refused.value)


@pytest.mark.parametrize(
    "typed", ["", "https://", "ftp://my.site.example", "https://a b", "https://x:99999", "https://[::"]
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        parse_address(typed)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_named_error(typed: str) -> None:
    try:
        address = parse_address(typed)
    except GlucologError:
        return
    assert address.scheme == "https" or address.is_loopback
    assert parse_address(str(address)) == address


def test_an_origin_is_scheme_host_and_port() -> None:
    assert origin_of("https://my.site.example/a?b") == ("https", "my.site.example", 443)
    assert origin_of("/relative") is None
