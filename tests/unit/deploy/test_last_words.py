"""A dead process is told of by the line that names the cause."""

from pathlib import Path

import pytest

from deploy.local.readiness import last_words

JAVA = """\
1490 [main] ERROR kafka.Kafka$ - Exiting Kafka due to fatal exception
java.lang.RuntimeException: Error: node ID not found in /data/kafka/log
\tat kafka.server.KafkaRaftServer$.$anonfun$initializeLogDirs$2(KafkaRaftServer.scala:165)
\tat java.base/java.util.Iterator.forEachRemaining(Unknown Source)
\tat kafka.Kafka.main(Kafka.scala)
\t... 3 more
"""
PYTHON = """\
Traceback (most recent call last):
  File "app.py", line 1, in <module>
RuntimeError: cannot think

"""


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (JAVA, "java.lang.RuntimeException: Error: node ID not found in /data/kafka/log"),
        (PYTHON, "RuntimeError: cannot think"),
        ("at last: out of memory\n", "at last: out of memory"),
        ("\n", "it wrote nothing"),
    ],
)
def test_the_last_words_name_the_cause(tmp_path: Path, log: str, words: str) -> None:
    path = tmp_path / "program.log"
    path.write_text(log)
    assert last_words(path) == words


def test_a_program_that_never_ran_has_none(tmp_path: Path) -> None:
    assert last_words(tmp_path / "program.log") == "it wrote nothing"
