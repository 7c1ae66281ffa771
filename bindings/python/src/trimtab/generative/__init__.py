"""Generative models: where they fail, and what cures it.

    exposure_bias(teacher, free)             do errors pile up under the model's own outputs?   streaming: ExposureBias
    posterior_collapse(means, log_variances) which latent dimensions hold anything?        streaming: PosteriorCollapse
    sample_coverage(real, fake)              do samples cover the data?                            streaming: DataBins
    birthday(samples), vendi_score(samples)  how many different samples are there?               streaming: VendiScore
    sampling_cost(evaluations, distances)    how few steps of a sampler are as good as many?
    decoder_sensitivities(latents, decode)   which latent dimensions does a decoder look at?
    linear_posterior, expected_coverage, birthday_probability   exact values to hold those against
    wasserstein_distance(a, b)               of numbers

Cures: `state_noise` (exposure bias), `annealed_weight` and `free_bits` (posterior collapse).
"""

from .coverage import (
    BinReport,
    CoverageOptions,
    CoverageReport,
    DataBins,
    expected_coverage,
    sample_coverage,
)
from .diversity import (
    BirthdayReport,
    VendiReport,
    VendiScore,
    birthday,
    birthday_probability,
    vendi_score,
    vendi_score_of_kernel,
)
from .exposure import ExposureBias, ExposureLength, ExposureOptions, ExposureReport, exposure_bias, state_noise
from .posterior import (
    LatentDimension,
    LinearPosterior,
    PosteriorCollapse,
    PosteriorOptions,
    PosteriorReport,
    annealed_weight,
    decoder_sensitivities,
    decoder_sensitivity,
    free_bits,
    linear_posterior,
    posterior_collapse,
)
from .sampling import SamplingOptions, SamplingReport, sampling_cost, wasserstein_distance

__all__ = [
    "BinReport",
    "BirthdayReport",
    "CoverageOptions",
    "CoverageReport",
    "DataBins",
    "ExposureBias",
    "ExposureLength",
    "ExposureOptions",
    "ExposureReport",
    "LatentDimension",
    "LinearPosterior",
    "PosteriorCollapse",
    "PosteriorOptions",
    "PosteriorReport",
    "SamplingOptions",
    "SamplingReport",
    "VendiReport",
    "VendiScore",
    "annealed_weight",
    "birthday",
    "birthday_probability",
    "decoder_sensitivities",
    "decoder_sensitivity",
    "expected_coverage",
    "exposure_bias",
    "free_bits",
    "linear_posterior",
    "posterior_collapse",
    "sample_coverage",
    "sampling_cost",
    "state_noise",
    "vendi_score",
    "vendi_score_of_kernel",
    "wasserstein_distance",
]
