"""Commands that check and measure: doctor, home check, bench."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from edge.bench.barge_in import measure_barge_in
from edge.bench.diagnosis import YEAR_TURNS, DiagnosisPlan, measure_diagnosis
from edge.bench.exploring import ExploringPlan, measure_exploring
from edge.bench.hearing import STEPS, Setup, measure_hearing
from edge.bench.hearing_corpus import PARTS, Plan, parts_of, snrs_of
from edge.bench.home import HomePlan, measure_home
from edge.bench.idle import measure_idle
from edge.bench.labels import LabelsPlan, measure_labels
from edge.bench.latency import measure_latency
from edge.bench.learning import WAYS, LearningPlan, measure_learning
from edge.bench.nlu import NluPlan, measure_nlu
from edge.bench.rephrase import RephrasePlan, measure_rephrase
from edge.bench.voices import VOICES
from edge.cli.door import console, door, print_json
from edge.cli.talk import Json
from edge.doctor import examine
from edge.home.home_file import check_home_file

home_app = typer.Typer(help="Home files: names, rooms and devices of a simulated or real home.", no_args_is_help=True)
bench_app = typer.Typer(
    help="Measure this machine: how fast it answers, what it costs to listen.", no_args_is_help=True
)

SIGNS = {"ok": "[green]ok[/]", "warn": "[yellow]look[/]", "fail": "[red]wrong[/]"}


def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Check microphone, level, models, broker, clock, disk and database, and say what to do about each."""
    findings = examine(door(context).load())
    if as_json:
        print_json([{"what": f.what, "verdict": f.verdict, "found": f.found, "remedy": f.remedy} for f in findings])
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for finding in findings:
            table.add_row(SIGNS[finding.verdict], Text(finding.what), Text(finding.found))
            if finding.remedy:
                table.add_row("", "", Text(f"-> {finding.remedy}", style="bold"))
        console.print(table)
    if any(finding.verdict == "fail" for finding in findings):
        raise typer.Exit(1)


@home_app.command("check")
def check_home(file: Annotated[Path, typer.Argument(help="The home file (TOML).")]) -> None:
    """Explain the mistakes in a home file, line by line."""
    problems = check_home_file(file)
    for problem in problems:
        console.print(str(problem), markup=False, highlight=False)
    if problems:
        raise typer.Exit(1)
    console.print(f"{file} is fine.", markup=False)


@bench_app.command("latency")
def bench_latency(
    context: typer.Context,
    commands: Annotated[int, typer.Option("--commands", "-n", min=1, help="How many spoken commands.")] = 50,
    seed: Annotated[int, typer.Option("--seed", help="Seed of their order.")] = 1,
    as_json: Json = False,
) -> None:
    """Speak commands at the pace of a microphone; time them to the command on the broker and to the reply."""
    report = measure_latency(door(context).load().settings, count=commands, seed=seed, console=console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("idle")
def bench_idle(
    context: typer.Context,
    seconds: Annotated[int, typer.Option("--seconds", min=5, help="How long to listen to talk.")] = 30,
    as_json: Json = False,
) -> None:
    """Start to listening, memory with all models, and the cost of listening to talk."""
    report = measure_idle(door(context).load().settings, seconds=seconds, console=console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("barge-in")
def bench_barge_in(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many replies to interrupt.")] = 20,
    as_json: Json = False,
) -> None:
    """Say the wake word while it speaks; time it to silence, and see whether its own voice wakes it."""
    report = measure_barge_in(door(context).load().settings, count=count, console=console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("home")
def bench_home(
    context: typer.Context,
    entities: Annotated[int, typer.Option("--entities", min=10, help="How many things the home has.")] = 1_000,
    rate: Annotated[int, typer.Option("--rate", min=1, help="How many messages a second they say.")] = 2_000,
    seconds: Annotated[int, typer.Option("--seconds", min=1, help="For how long.")] = 60,
    messages: Annotated[int, typer.Option("--messages", min=1_000, help="How many for the memory.")] = 1_000_000,
    restarts: Annotated[int, typer.Option("--restarts", min=1, help="How often the broker is killed.")] = 10,
    as_json: Json = False,
) -> None:
    """Live in a large, talkative home on a mosquitto: import, turns beside it, memory, what is written, restarts."""
    plan = HomePlan(entities, rate, seconds, messages, restarts)
    report = measure_home(door(context).load().settings, plan, console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("hearing")
def bench_hearing(
    context: typer.Context,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder with noise_rir and clinc_oos_dev.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many sentences of each part.")] = 40,
    talk: Annotated[int, typer.Option("--talk", min=1, help="How many sentences of talk.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="Seed of sentences, noises and rooms.")] = 1,
    voices: Annotated[str, typer.Option("--voices", help="Voices, with commas between.")] = ",".join(VOICES),
    snr: Annotated[str, typer.Option("--snr", help="Decibels from voice to noise, or clean.")] = "clean,20,12,6",
    steps: Annotated[str, typer.Option("--steps", help="Ways to recognise, with commas between.")] = ",".join(STEPS),
    parts: Annotated[str, typer.Option("--parts", help="What is said, with commas between.")] = ",".join(PARTS),
    sounds: Annotated[
        Path | None, typer.Option("--sounds", metavar="DIR", help="Keep the voices' sounds here.")
    ] = None,
    failures: Annotated[
        Path | None, typer.Option("--failures", metavar="FILE", help="Write what went wrong, a JSON line each.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Speak a skill, commands and talk in several voices, in noise; count what is understood with each step."""
    plan = Plan(parts_of(parts), count, talk, seed, snrs_of(snr))
    setup = Setup(data, tuple(voices.split(",")), tuple(steps.split(",")), sounds)
    report = measure_hearing(door(context).load().settings, plan, setup, console)
    if failures:
        failures.write_text("".join(f"{json.dumps(each)}\n" for each in report.failures()), encoding="utf-8")
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("nlu")
def bench_nlu(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Folder with HWU64, SLURP and CLINC150.")],
    folds: Annotated[
        Path | None,
        typer.Option("--folds", metavar="DIR", help="Models that left a fold out, made by scripts/train_nlu --fold."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of every sample.")] = 1,
    dev: Annotated[
        bool, typer.Option("--dev", help="Only what may be looked at: fold 0, and half 0 of CLINC150.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A twentieth of everything, without peers.")] = False,
    vocabulary: Annotated[
        Path | None, typer.Option("--vocabulary", metavar="FILE", help="BERT's vocab.txt, for MiniLM as a peer.")
    ] = None,
    failures: Annotated[
        Path | None,
        typer.Option(
            "--failures", metavar="FILE", help="Write what went wrong in fold 0 and half 0, a JSON line each."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Understanding in text: intents, home commands, templates, talk that must do nothing, time and memory."""
    report = measure_nlu(NluPlan(data, folds, seed, dev, quick, vocabulary), console)
    if failures:
        failures.write_text("".join(f"{json.dumps(each)}\n" for each in report.failures()), encoding="utf-8")
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("diagnosis")
def bench_diagnosis(
    lab: Annotated[Path, typer.Option("--lab", metavar="FILE", help="Dialogues that scripts/fault_lab wrote.")],
    weights: Annotated[
        Path | None, typer.Option("--weights", metavar="DIR", help="Another model than the one that ships.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the placebos.")] = 1,
    year: Annotated[
        int, typer.Option("--year", min=0, help="How many turns a year has, for what it costs; 0: not measured.")
    ] = YEAR_TURNS,
    failures: Annotated[
        Path | None,
        typer.Option("--failures", metavar="FILE", help="Write what was believed wrongly, a JSON line each."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Where turns went wrong first, on dialogues that nothing was trained on: F1, confusion, placebos, time, memory."""
    report = measure_diagnosis(DiagnosisPlan(lab, weights, seed, year), console)
    if failures:
        failures.write_text("".join(f"{json.dumps(each)}\n" for each in report.failures()), encoding="utf-8")
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("labels")
def bench_labels(
    lab: Annotated[Path, typer.Option("--lab", metavar="FILE", help="Dialogues that scripts/fault_lab wrote.")],
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="Another model than the one that ships.")
    ] = None,
    beside: Annotated[
        list[Path] | None,
        typer.Option("--beside", metavar="DIR", help="A model that is measured beside it; repeatable."),
    ] = None,
    as_json: Json = False,
) -> None:
    """What turns should have been taken for: goals, success, what failed turns meant; by rule and by the model."""
    report = measure_labels(LabelsPlan(lab, model, tuple(beside or ())), console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("rephrase")
def bench_rephrase(
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Folder with HWU64, SLURP, SMCalFlow and Disfl-QA.")
    ],
    count: Annotated[int, typer.Option("--count", "-n", min=100, help="How many dialogues to simulate.")] = 8_000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the dialogues.")] = 1,
    span: Annotated[
        list[Path] | None,
        typer.Option("--span", metavar="FOLDER", help="A transformer of train_rephrase_span; may be given again."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Whether a turn says the one before again: models compared on unseen dialogues and real turns; repairs."""
    report = measure_rephrase(RephrasePlan(data, count, seed, tuple(span or ())), console)
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("exploring")
def bench_exploring(
    days: Annotated[int, typer.Option("--days", min=2, help="How many days every household lives.")] = 60,
    seeds: Annotated[
        list[int] | None, typer.Option("--seed", help="Seed of a household; may be repeated. Without it 1 and 2.")
    ] = None,
    as_json: Json = False,
) -> None:
    """What is learned by sometimes trying the second of two likely lamps, and what it costs people; no microphone."""
    report = measure_exploring(ExploringPlan(days, tuple(seeds or (1, 2))), Console(stderr=True))
    print_json(report.to_dict()) if as_json else report.show(console)


@bench_app.command("learning")
def bench_learning(
    households: Annotated[int, typer.Option("--households", min=1, help="How many households live.")] = 6,
    days: Annotated[int, typer.Option("--days", min=1, help="How many days each of them lives.")] = 20,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the first household; the others have the next.")] = 1,
    way: Annotated[
        list[str] | None, typer.Option("--way", help="One way to learn, beside none; repeatable. Without it all.")
    ] = None,
    shards: Annotated[
        Path | None, typer.Option("--shards", metavar="DIR", help="Keep what was lived there, and go on from it.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="How many households live at the same time.")] = 2,
    as_json: Json = False,
) -> None:
    """Whether what people correct stops failing, and what that costs; simulated households, no microphone."""
    if unknown := set(way or ()) - set(WAYS):
        raise typer.BadParameter(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(WAYS)}.")
    plan = LearningPlan(households, days, seed, ways=tuple(way or WAYS), shards=shards, jobs=jobs)
    report = measure_learning(plan, Console(stderr=True))
    print_json(report.to_dict()) if as_json else report.show(console)
