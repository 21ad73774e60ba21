"""Fails when a GitHub workflow has a key that GitHub does not know, asks for more than it needs, uses an action that is
not pinned, or calls a stage that .ci/run does not have. Usage: workflows.py ROOT"""

import pathlib
import re
import sys

import yaml

TOP = {"name", "on", "permissions", "concurrency", "defaults", "env", "jobs"}
JOB = {"name", "runs-on", "timeout-minutes", "strategy", "container", "env", "needs", "if", "steps"}
CONTAINER = {"image", "options", "env", "volumes"}
STEP = {"name", "id", "if", "uses", "with", "run", "env", "shell", "working-directory", "timeout-minutes"}
EVENTS = {"push", "pull_request", "schedule", "workflow_dispatch"}
REQUIRED = ("name", "on", "permissions", "concurrency", "jobs")
PINNED = re.compile(r"^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40}$")
NAMED = re.compile(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
RUN = re.compile(r"^\.ci/run (.+)$")
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
MINUTES = 120


def stages(root):
    """The stages that .ci/run has, and those that every change must pass."""
    text = (root / ".ci/run").read_text(encoding="utf-8")
    return set(re.findall(r"^stage_(\w+)\(\)", text, re.M)), set(re.search(r"every_change=\((.*)\)", text)[1].split())


def unknown(where, given, known):
    return [f"{where}: {key} is not a key" for key in given if key not in known]


def called(job):
    """The stages that the job calls, each value of its matrix put in."""
    found = []
    matrix = job.get("strategy", {}).get("matrix", {})
    for step in job["steps"]:
        match = RUN.match(str(step.get("run", "")).strip())
        for word in match[1].split() if match else []:
            found.append(word)
    for name, values in matrix.items():
        mark = "${{matrix." + name + "}}"
        joined = EXPRESSION.sub(lambda m: "${{" + m[1] + "}}", " ".join(found))
        found = [word.replace(mark, value) for word in joined.split() for value in (values if mark in word else [""])]
    return found


def check_step(where, step):
    problems = unknown(where, step, STEP)
    if ("uses" in step) == ("run" in step):
        problems.append(f"{where}: either uses or run")
    if "uses" in step and not PINNED.match(step["uses"]):
        problems.append(f"{where}: {step['uses']} is not pinned to a commit")
    for expression in EXPRESSION.findall(str(step.get("run", ""))):
        if not expression.startswith("matrix."):
            problems.append(f"{where}: {expression} in a command: what others write could run")
    return problems


def check_job(where, job, known):
    problems = unknown(where, job, JOB) + unknown(f"{where}.container", job.get("container", {}), CONTAINER)
    if not str(job.get("container", {}).get("image", "")).startswith("debian:bookworm"):
        problems.append(f"{where}: runs in no debian:bookworm")
    if str(job.get("runs-on", "-latest")).endswith("-latest"):
        problems.append(f"{where}: runs-on names no version")
    if not 0 < job.get("timeout-minutes", 0) <= MINUTES:
        problems.append(f"{where}: timeout-minutes must be 1 to {MINUTES}")
    for i, step in enumerate(job.get("steps", [])):
        problems += check_step(f"{where}.steps[{i}]", step)
    words = called(job)
    if not words:
        problems.append(f"{where}: does not call .ci/run")
    return problems + [f"{where}: .ci/run has no stage {word}" for word in words if word not in known]


def check(name, text, known):
    """What is wrong with one workflow, and the stages that it calls."""
    # YAML 1.1 takes the key `on` for a truth.
    workflow = {"on" if key is True else key: value for key, value in yaml.safe_load(text).items()}
    problems = unknown(name, workflow, TOP) + unknown(f"{name}: on", workflow.get("on", {}), EVENTS)
    problems += [f"{name}: no {key}" for key in REQUIRED if key not in workflow]
    if workflow.get("permissions") != {"contents": "read"}:
        problems.append(f"{name}: permissions must be contents: read")
    if set(workflow.get("concurrency", {})) != {"group", "cancel-in-progress"}:
        problems.append(f"{name}: concurrency needs group and cancel-in-progress")
    for line in text.splitlines():
        if "uses:" in line and not NAMED.search(line):
            problems.append(f"{name}: {line.strip()}: no version in a comment")
    words = []
    for key, job in workflow.get("jobs", {}).items():
        problems += check_job(f"{name}: {key}", job, known)
        words += called(job)
    return problems, words


def wrong(root):
    known, every_change = stages(root)
    problems, words = [], set()
    for path in sorted((root / ".github/workflows").glob("*.y*ml")):
        found, called_here = check(path.name, path.read_text(encoding="utf-8"), known)
        problems += found
        words |= set(called_here)
    return problems + [f"no workflow calls the stage {stage}" for stage in sorted(every_change - words)]


def main(root):
    problems = wrong(root)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
