"""What an admin may do to pipelines and their stages (hubspot.md, section 5.13).

A write answers with what was sent; only a read is authoritative. Stage ids are per pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from .account import Collection
from .call import Answer, Call
from .refusal import NoSuchPath, Refusal, WrongMethod
from .stages import Pipeline, Stage, stage_metadata

PIPELINE_ID_MAX, STAGE_ID_MAX = 36, 100


class StageBody(msgspec.Struct, rename="camel"):
    label: str
    display_order: int = 0
    metadata: dict[str, Any] = {}
    stage_id: str | None = None


class PipelineBody(msgspec.Struct, rename="camel"):
    label: str
    stages: list[StageBody]
    display_order: int = 0
    pipeline_id: str | None = None


class Patch(msgspec.Struct, rename="camel"):
    label: str | None = None
    display_order: int | None = None
    metadata: dict[str, Any] | None = None


def handle(call: Call) -> Answer:
    """/crm/v3/pipelines/{type}/..."""
    if not call.rest:
        raise NoSuchPath
    within = call.account.collection(call.rest[0], definitions=True)
    scope = within.kind.scope
    if call.method == "GET":
        call.need(f"crm.objects.{scope}.read", f"crm.schemas.{scope}.read")
    else:
        call.need(f"crm.schemas.{scope}.write")
    status, content = _on_pipelines(call, within)
    if call.method != "GET":
        within.redefine()
    return Answer(status, content)


def _on_pipelines(call: Call, within: Collection) -> tuple[int, Any]:
    match call.method, call.rest[1:]:
        case "GET", ():
            ordered = sorted(within.pipelines.values(), key=lambda it: it.display_order)
            return 200, {"results": [pipeline.shown() for pipeline in ordered]}
        case "POST", ():
            return 201, add_pipeline(within, call.body(PipelineBody)).shown()
        case _, (id, "stages", *rest):
            return _on_stages(call, within, _pipeline(within, id), rest)
        case "GET", (id,):
            return 200, _pipeline(within, id).shown()
        case "PATCH", (id,):
            return 200, _patch(within, _pipeline(within, id), call.body(Patch)).shown()
        case "DELETE", (id,):
            pipeline = _pipeline(within, id)
            _check_unused(call, within, pipeline, None)
            del within.pipelines[pipeline.id]
            return 204, None
        case _, () | (_,):
            raise WrongMethod
    raise NoSuchPath


def _on_stages(call: Call, within: Collection, pipeline: Pipeline, rest: list[str]) -> tuple[int, Any]:
    match call.method, rest:
        case "GET", []:
            return 200, {"results": pipeline.shown()["stages"]}
        case "POST", []:
            body = call.body(StageBody)
            return 201, _echo(_add_stage(within, pipeline, body), body.metadata)
        case "GET", [id]:
            return 200, _stage(pipeline, id).shown()
        case "PATCH", [id]:
            patch = call.body(Patch)
            stage = _patch_stage(within, pipeline, _stage(pipeline, id), patch)
            return 200, _echo(stage, patch.metadata)
        case "DELETE", [id]:
            stage = _stage(pipeline, id)
            _check_unused(call, within, pipeline, stage)
            del pipeline.stages[stage.id]
            return 204, None
        case _, [] | [_]:
            raise WrongMethod
    raise NoSuchPath


def add_pipeline(within: Collection, body: PipelineBody) -> Pipeline:
    _check_id(body.pipeline_id, PIPELINE_ID_MAX)
    if body.pipeline_id in within.pipelines or body.label in [it.label for it in within.pipelines.values()]:
        raise Refusal("A pipeline with this id or label exists already.", status=409, category="CONFLICT")
    now_ms = within.account.now_ms()
    pipeline = Pipeline(
        id=body.pipeline_id or str(within.shelf.new_id()),
        label=body.label,
        display_order=body.display_order,
        stages={},
        created_ms=now_ms,
        updated_ms=now_ms,
    )
    for stage in body.stages:
        _add_stage(within, pipeline, stage)
    within.pipelines[pipeline.id] = pipeline
    within.redefine()
    return pipeline


def _add_stage(within: Collection, pipeline: Pipeline, body: StageBody) -> Stage:
    _check_id(body.stage_id, STAGE_ID_MAX)
    _check_label(pipeline, body.label)
    now_ms = within.account.now_ms()
    stage = Stage(
        id=body.stage_id or str(within.shelf.new_id()),
        label=body.label,
        display_order=body.display_order,
        metadata=stage_metadata(body.metadata),
        created_ms=now_ms,
        updated_ms=now_ms,
    )
    if stage.id in pipeline.stages:
        raise Refusal("A stage with this id exists already.", status=409, category="CONFLICT")
    _make_room(pipeline, stage)
    pipeline.stages[stage.id] = stage
    return stage


def _patch(within: Collection, pipeline: Pipeline, patch: Patch) -> Pipeline:
    pipeline.label = patch.label or pipeline.label
    if patch.display_order is not None:
        pipeline.display_order = patch.display_order
    pipeline.updated_ms = within.account.now_ms()
    return pipeline


def _patch_stage(within: Collection, pipeline: Pipeline, stage: Stage, patch: Patch) -> Stage:
    if patch.label is not None and patch.label != stage.label:
        _check_label(pipeline, patch.label)
        stage.label = patch.label
    if patch.metadata is not None:
        stage.metadata = stage_metadata(patch.metadata)
    if patch.display_order is not None:
        stage.display_order = patch.display_order
        _make_room(pipeline, stage)
    stage.updated_ms = within.account.now_ms()
    return stage


def _pipeline(within: Collection, id: str) -> Pipeline:
    if id not in within.pipelines:
        raise Refusal("Pipeline not found", status=404, category="OBJECT_NOT_FOUND", context={"ids": [id]})
    return within.pipelines[id]


def _stage(pipeline: Pipeline, id: str) -> Stage:
    if id not in pipeline.stages:
        raise Refusal("Stage not found", status=404, category="OBJECT_NOT_FOUND", context={"ids": [id]})
    return pipeline.stages[id]


def _echo(stage: Stage, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    shown = stage.shown()
    if metadata is not None:
        shown["metadata"] = {name: str(value) for name, value in metadata.items()}
    return shown


def _make_room(pipeline: Pipeline, placed: Stage) -> None:
    """Two stages can't share a place: the siblings from there on move down."""
    taken = placed.display_order
    siblings = [stage for stage in pipeline.stages.values() if stage is not placed]
    for stage in sorted(siblings, key=lambda stage: stage.display_order):
        if stage.display_order == taken:
            stage.display_order = taken = taken + 1


def _check_id(id: str | None, length_max: int) -> None:
    if id is not None and len(id) > length_max:
        raise Refusal("internal error", status=500, category="INTERNAL_ERROR")


def _check_label(pipeline: Pipeline, label: str) -> None:
    if label in [stage.label for stage in pipeline.stages.values()]:
        raise Refusal("Two stages of a pipeline cannot share a label.")


def _check_unused(call: Call, within: Collection, pipeline: Pipeline, stage: Stage | None) -> None:
    """Refused on 2026-09; on v3 only when the caller asks for it."""
    asked = call.flag("validateReferencesBeforeDelete") or call.flag("validateDealStageUsagesBeforeDelete")
    if not (call.dated or asked):
        return
    for id in within.shelf.live:
        values = within.shelf.records[id].version.values
        if values.get("pipeline") == pipeline.id and stage is None:
            raise Refusal("The pipeline holds records.", sub_category="PipelineError.STAGE_ID_IN_USE")
        if stage is not None and values.get("dealstage") == stage.id:
            raise Refusal("The stage holds records.", sub_category="PipelineError.STAGE_ID_IN_USE")
