"""What is said about insulin on board: always an estimate, with its model's name, and never a dose to take."""

from __future__ import annotations

NOT_KNOWN = (
    "No meal or correction insulin is in the log for the last {hours} h, so insulin on board is not known; "
    "it counts as if some were active."
)

BAND = (
    "Estimate: {remaining} U still on board here. Within {minutes} min about {usual} U of it act as usual; {band} if "
    "{exposure} speeds it up that much. From small studies ({sources}); model: {models}. "
    "Your figure may differ.{assumed}"
)
BAND_STEP = "{units} U at {factor}×"
MASSAGE_EXPOSURE = "massage or heat at the site"
SAUNA_EXPOSURE = "a sauna"
SITE_ASSUMED = " Where some of it was injected is not known; it was counted as if at the site."
