"""What clients send over HTTP and what they are answered, as types: read strictly, and shown on the OpenAPI page."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from support.audio.protocol import (
    DEFAULT_OVERLAP,
    DEFAULT_RATE,
    DEFAULT_TARGET,
    DEFAULT_WINDOW,
    GREATEST_GAIN,
    LEAST_GAIN,
)

LOWEST_RATE, HIGHEST_RATE = 4_000, 192_000
"""Samples per second that files and analysis may have."""
MOST_CHANNELS = 8

Gain = Annotated[float, Field(strict=True, ge=LEAST_GAIN, le=GREATEST_GAIN, allow_inf_nan=False, description="dB")]
Rate = Annotated[int, Field(strict=True, ge=LOWEST_RATE, le=HIGHEST_RATE, description="samples per second")]
Channels = Annotated[int, Field(strict=True, ge=1, le=MOST_CHANNELS)]
Audio = Annotated[str, Field(description="base64 of signed 16-bit little-endian PCM, channels interleaved")]
Id = Annotated[str, Field(strict=True, min_length=1, max_length=128)]


class Asked(BaseModel):
    """Something that a client sends: no key that is not known."""

    model_config = ConfigDict(extra="forbid")


class StageConfig(Asked):
    """One stage. Parameters that are left out have their defaults."""

    enabled: StrictBool = True
    gain_in: Gain = 0.0
    gain_out: Gain = 0.0
    parameters: dict[str, object] = Field(default={}, description="by name; GET /api/audio/stages tells which there are")


class Connection(Asked):
    """One stage feeds another."""

    source_stage_id: Annotated[str, Field(strict=True)]
    target_stage_id: Annotated[str, Field(strict=True)]


class PipelineConfig(Asked):
    """Stages by their name. Connections give the order, and where they leave it open the order of the map."""

    pipeline_id: Id | None = None
    name: Annotated[str, Field(strict=True, max_length=256)] | None = None
    stages: dict[str, StageConfig] = {}
    connections: list[Connection] = []


class SessionConfig(Asked):
    """How the audio of a session is sent."""

    sample_rate: Literal[8000, 16000, 44100, 48000] = DEFAULT_RATE
    channels: Literal[1] = 1


class StartRequest(Asked):
    """Begin a session."""

    pipeline_config: PipelineConfig
    session_config: SessionConfig | None = None


class StageRequest(Asked):
    """Have one stage process some audio. In a form `stage_config` is JSON text."""

    audio_data: Audio
    sample_rate: Rate = DEFAULT_RATE
    stage_config: StageConfig = StageConfig()


class StageForm(Asked):
    """The same as a form."""

    audio_data: Audio
    sample_rate: Rate = DEFAULT_RATE
    stage_config: Annotated[str, Field(description="JSON of StageConfig")] = "{}"


class AnalysisRequest(Asked):
    """Audio to analyse."""

    audio_data: Audio
    sample_rate: Rate = DEFAULT_RATE
    channels: Channels = 1


class SpectrumRequest(AnalysisRequest):
    """What the spectrum is taken of, and how."""

    window_size: Literal[512, 1024, 2048, 4096, 8192] = DEFAULT_WINDOW
    overlap: Annotated[float, Field(strict=True, ge=0.0, lt=1.0, allow_inf_nan=False)] = DEFAULT_OVERLAP
    window_type: Literal["hann", "hamming", "blackman", "rectangular"] = "hann"


class LoudnessRequest(AnalysisRequest):
    """What loudness is measured of, and compared with."""

    target_lufs: Annotated[float, Field(strict=True, ge=-70.0, le=0.0, allow_inf_nan=False)] = DEFAULT_TARGET


# --- answers


class ErrorDetail(BaseModel):
    """What is wrong, and where."""

    code: str
    message: str
    field: str | None = None


class ErrorAnswer(BaseModel):
    """Every refusal."""

    error: ErrorDetail


class QualityAnswer(BaseModel):
    """Levels of what came out: rms and peak in dBFS, loudness in LUFS; null for what cannot be told."""

    rms: float | None
    peak: float | None
    snr: float | None
    lufs_momentary: float | None
    clipped_samples: int
    voice_detected: bool


class MetricsAnswer(BaseModel):
    """Times are in ms, usage in per cent of one processor. Quality is null before the first chunk."""

    chunks_processed: int
    total_latency: float
    average_latency: float
    latency_samples: int
    stage_latencies: dict[str, float]
    quality_metrics: QualityAnswer | None
    cpu_usage: float


class HealthAnswer(BaseModel):
    """The server's state. Uptime in s."""

    status: Literal["ok"]
    version: str
    uptime: float
    sessions: int


class StartAnswer(BaseModel):
    """A session has begun. Its output is late by `latency_samples`."""

    session_id: str
    pipeline_id: str
    status: Literal["running"]
    sample_rate: int
    latency_samples: int
    metrics: MetricsAnswer


class ActiveSession(BaseModel):
    """A session, and whether a socket is connected to it."""

    session_id: str
    pipeline_id: str
    status: Literal["running"]
    metrics: MetricsAnswer
    connected: bool


class SessionsAnswer(BaseModel):
    """All sessions."""

    active_sessions: list[ActiveSession]


class StopAnswer(BaseModel):
    """A session has ended."""

    session_id: str
    pipeline_id: str
    status: Literal["stopped"]
    metrics: MetricsAnswer


class StageOutput(BaseModel):
    """What came out of one stage of a batch, in the form of the whole."""

    processed_audio: str
    latency_samples: int


class BatchAnswer(BaseModel):
    """A processed recording, as base64: as long as what came in, and in line with it."""

    success: Literal[True]
    pipeline_id: str
    processed_audio: str
    output_format: Literal["wav", "flac", "base64"]
    sample_rate: int
    channels: int
    samples: int
    latency_samples: int
    metrics: MetricsAnswer
    stage_outputs: dict[str, StageOutput] | None = None
    warnings: list[str]


class StageAnswer(BaseModel):
    """What one stage made of some audio, and what it was told, defaults included."""

    stage_name: str
    stage_config: StageConfig
    processed_audio: str
    latency_samples: int
    metrics: MetricsAnswer


class SpectrumAnswer(BaseModel):
    """Frequencies in Hz, magnitudes in dBFS: a full-scale sine on a bin reads 0."""

    sample_rate: int
    window_size: int
    peak_frequency: float
    spectral_centroid: float
    frequencies: list[float]
    magnitudes: list[float]


class LoudnessAnswer(BaseModel):
    """LUFS, LU, dBTP and dB; null for what there is not: of silence, and of a range under 3 s."""

    integrated: float | None
    short_term: float | None
    momentary: float | None
    loudness_range: float | None
    true_peak_dbtp: float | None
    target_lufs: float
    gain_adjustment_db: float | None
    compliant: bool


class ParameterAnswer(BaseModel):
    """One parameter. Numbers have a minimum and a maximum, choices their list."""

    model_config = ConfigDict(extra="allow")

    name: str
    type: str
    minimum: float | None = None
    maximum: float | None = None
    unit: str | None = None
    default: object = None
    choices: list[object] | None = None


class CatalogueStage(BaseModel):
    """One stage and its parameters."""

    model_config = ConfigDict(extra="allow")

    name: str
    description: str
    parameters: list[ParameterAnswer]


class CatalogueAnswer(BaseModel):
    """Every stage there is, and the range of the gains before and behind each."""

    model_config = ConfigDict(extra="allow")

    stages: list[CatalogueStage]
