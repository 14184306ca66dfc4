"""What is answered over HTTP, address by address."""

import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import Response

from support.audio.protocol import (
    CATALOGUE,
    DEFAULT_RATE,
    HEALTH,
    LOUDNESS,
    METRICS,
    PROCESS,
    REALTIME,
    SESSIONS,
    SPECTRUM,
    STAGE,
    STAGES,
    START,
    Code,
    RefusedError,
)
from support.audio.reference import __version__, models
from support.audio.reference.configuration import Configurator
from support.audio.reference.errors import NotFoundError
from support.audio.reference.metrics import ServerMetrics
from support.audio.reference.models import HIGHEST_RATE, LOWEST_RATE
from support.audio.reference.reading import body_or_form, json_of, model_of, routes_at_most
from support.audio.reference.session import Session
from support.audio.reference.sessions import Sessions
from support.audio.reference.usage import Usage
from support.audio.reference.workers import Workers

Responses = dict[int | str, dict[str, Any]]
Told = Mapping[str, object]
Form_ = Literal["wav", "flac", "base64"]
BATCH, EACH_STAGE = "batch", "stages"
"""What `processing_mode` can be: the whole, or also what comes out of each stage."""
STAGE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/StageRequest"}},
            "application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/StageForm"}},
            "multipart/form-data": {"schema": {"$ref": "#/components/schemas/StageForm"}},
        },
    }
}


def errors(*statuses: int) -> Responses:
    """What the OpenAPI page says of refusals: these, and what can happen to every request."""
    return {status: {"model": models.ErrorAnswer} for status in sorted({401, 422, *statuses})}


class Routes:
    """Answers requests. `heavy` work gives way to the `hasty`."""

    configurator_class = Configurator

    def __init__(
        self, sessions: Sessions, metrics: ServerMetrics, usage: Usage, heavy: Workers, hasty: Workers, max_body: int
    ) -> None:
        self.sessions = sessions
        self.metrics = metrics
        self.usage = usage
        self.heavy = heavy
        self.hasty = hasty
        self.max_body = max_body
        self.configurator = self.configurator_class()
        self.begun = time.monotonic()

    def router(self) -> APIRouter:
        """All of them."""
        router = APIRouter(route_class=routes_at_most(self.max_body))
        add = router.add_api_route
        post, bodies = ["POST"], errors(400, 413)
        stop = f"{REALTIME}/{{session_id}}"
        stage = f"{STAGE}/{{stage}}"
        text: Responses = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
        add(HEALTH, self.health, response_model=models.HealthAnswer)
        add(START, self.start, methods=post, response_model=models.StartAnswer, responses={**bodies, **errors(503)})
        add(SESSIONS, self.list, response_model=models.SessionsAnswer, responses=errors())
        add(stop, self.stop, methods=["DELETE"], response_model=models.StopAnswer, responses=errors(404))
        add(
            PROCESS, self.process, methods=post, response_model=models.BatchAnswer,
            response_model_exclude_unset=True, responses={**bodies, **errors(415)},
        )  # fmt: skip
        add(
            stage, self.stage, methods=post, response_model=models.StageAnswer,
            responses={**bodies, **errors(404)}, openapi_extra=STAGE_BODY,
        )  # fmt: skip
        add(SPECTRUM, self.spectrum, methods=post, response_model=models.SpectrumAnswer, responses=bodies)
        add(LOUDNESS, self.loudness, methods=post, response_model=models.LoudnessAnswer, responses=bodies)
        add(CATALOGUE, self.catalogue, response_model=models.CatalogueAnswer, responses=errors())
        add(METRICS, self.figures, response_class=Response, responses={**errors(), **text})
        return router

    # --- sessions

    async def health(self) -> Told:
        """The server is there."""
        uptime = round(time.monotonic() - self.begun, 3)
        return {"status": "ok", "version": __version__, "uptime": uptime, "sessions": len(self.sessions)}

    async def start(self, asked: models.StartRequest) -> Told:
        """Begin a session."""
        pipeline = self.configurator.pipeline(asked.pipeline_config)
        rate = asked.session_config.sample_rate if asked.session_config else DEFAULT_RATE
        session = await self.sessions.start(pipeline, rate)
        return {
            **told(session, "running"),
            "sample_rate": rate,
            "latency_samples": session.latency_samples,
        }

    async def list(self) -> Told:
        """All sessions."""
        active = [{**told(place.session, "running"), "connected": place.line is not None} for place in self.sessions]
        return {"active_sessions": active}

    async def stop(self, session_id: str) -> Told:
        """End a session."""
        return told(self.sessions.stop(session_id), "stopped")

    # --- recordings

    async def process(
        self,
        pipeline_config: Annotated[str, Form(description="JSON of PipelineConfig")],
        audio_file: Annotated[UploadFile | None, File(description="a sound file: wav, flac, ogg, aiff")] = None,
        audio_data: Annotated[str | None, Form(description="base64 of a sound file, or of PCM16, mono, 16 kHz")] = None,
        processing_mode: Annotated[str, Form(max_length=64, description="batch, or stages: what comes out of each, too")] = BATCH,
        sample_rate: Annotated[int | None, Form(ge=LOWEST_RATE, le=HIGHEST_RATE, description="of the output")] = None,
        output_format: Annotated[Form_, Form()] = "wav",
    ) -> Told:
        """Process a whole recording."""
        value = json_of(pipeline_config, Code.INVALID_CONFIG, "pipeline_config")
        pipeline = self.configurator.pipeline(model_of(models.PipelineConfig, value, ("pipeline_config",)))
        if audio_file is None and not audio_data:
            raise RefusedError(Code.INVALID_AUDIO, "there is neither audio_file nor audio_data", "audio_file")
        data = audio_data or "" if audio_file is None else await audio_file.read()
        warnings = [] if audio_file is None or not audio_data else ["audio_data is ignored: there is audio_file, too"]
        if processing_mode not in (BATCH, EACH_STAGE):
            warnings.append(f"processing_mode is neither {BATCH} nor {EACH_STAGE}: taken for {BATCH}")

        def work() -> Told:
            from support.audio.reference.batch import Batch, Reader, Writer

            reader, batch, writer = Reader(), Batch(self.usage, self.hasty.give_way), Writer()
            recording = reader.text(data) if isinstance(data, str) else reader.file(data)
            processed = batch.process(recording, pipeline.stages)
            out = batch.at_rate(processed.recording, sample_rate)
            answer: dict[str, object] = {
                "success": True,
                "pipeline_id": pipeline.pipeline_id,
                "processed_audio": writer.text(out, output_format),
                "output_format": output_format,
                "sample_rate": out.rate,
                "channels": out.samples.shape[1],
                "samples": out.samples.shape[0],
                "latency_samples": processed.latency_samples,
                "metrics": processed.figures,
                "warnings": warnings,
            }
            if processing_mode == EACH_STAGE:
                answer["stage_outputs"] = {
                    name: {
                        "processed_audio": writer.text(batch.at_rate(each.recording, sample_rate), output_format),
                        "latency_samples": each.latency_samples,
                    }
                    for name, each in batch.each(recording, pipeline).items()
                }
            return answer

        return await self.heavy.run(work)

    async def stage(self, stage: str, request: Request) -> Told:
        """Have one stage process some audio."""
        if stage not in STAGES:
            raise NotFoundError(Code.UNKNOWN_STAGE, "there is no such stage")
        asked = model_of(models.StageRequest, await body_or_form(request, ("audio_data",)))
        settings = self.configurator.stage(stage, asked.stage_config, "stage_config")

        def work() -> Told:
            from support.audio.reference.batch import Batch, Reader, Writer

            recording = Reader().pcm(asked.audio_data, asked.sample_rate)
            processed = Batch(self.usage, self.hasty.give_way).process(recording, [settings])
            return {
                "stage_name": stage,
                "stage_config": {
                    "enabled": settings.enabled,
                    "gain_in": settings.gain_in,
                    "gain_out": settings.gain_out,
                    "parameters": settings.parameters,
                },
                "processed_audio": Writer().text(processed.recording, "base64"),
                "latency_samples": processed.latency_samples,
                "metrics": processed.figures,
            }

        return await self.heavy.run(work)

    # --- analysis and lists

    async def spectrum(self, asked: models.SpectrumRequest) -> Told:
        """The spectrum of a sound."""

        def work() -> Told:
            from support.audio.reference.analysis import Analyst

            return Analyst().spectrum(asked)

        return await self.heavy.run(work)

    async def loudness(self, asked: models.LoudnessRequest) -> Told:
        """The loudness of a sound, as EBU R128 has it."""

        def work() -> Told:
            from support.audio.reference.analysis import Analyst

            return Analyst().loudness(asked)

        return await self.heavy.run(work)

    async def catalogue(self) -> Told:
        """Every stage and what it can be told."""
        from support.audio.reference.dsp.catalogue import described

        return described()

    async def figures(self) -> Response:
        """What the server counts, as Prometheus text."""
        from prometheus_client import CONTENT_TYPE_LATEST

        return Response(self.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def told(session: Session, status: str) -> dict[str, object]:
    """What is told of every session."""
    return {
        "session_id": session.session_id,
        "pipeline_id": session.pipeline_id,
        "status": status,
        "metrics": session.figures,
    }
