"""The web app over a shared log: a login role sees and writes to its own people, whatever address is typed."""

from __future__ import annotations

from glucolog.services.identity import new_id
from glucolog.storage import open_log
from tests.clinic.test_roles import Clinic, at_clinic
from tests.web.conftest import Clock, Site, free_port, signed_in

__all__ = ["at_clinic"]

PAGES = "/", "/sessions", "/history", "/report", "/entries/reading"


def test_an_educators_pages_hold_their_own_people_alone(at_clinic: Clinic) -> None:
    with open_log(at_clinic.owner_url) as log:
        ada, ben = log.people()
    with open_log(at_clinic.url(at_clinic.educator)) as log:
        client = signed_in(Site(log, free_port(), Clock()))
        assert "Ben" not in client.get("/", follow_redirects=True).text
        for page in PAGES:
            assert client.get(f"/p/{ada.id}{page}").status_code == 200
            answer = client.get(f"/p/{ben.id}{page}")
            assert answer.status_code == 404
            assert "Ben" not in answer.text
        for person, stored in ((ada, 303), (ben, 404)):
            said = {"person": person.id, "uid": new_id(), "glucose": "150"}
            assert client.post(f"/p/{person.id}/add/reading", data=said).status_code == stored
    with open_log(at_clinic.owner_url) as log:
        assert [len(log.readings(person.id)) for person in (ada, ben)] == [2, 1]
