"""Azure's places as resources and logs have them: `swedencentral`, whatever a bill writes."""

import re
from typing import Final

# Country and direction, as meters spell some places.
_TURNED: Final = {
    "cacentral": "canadacentral",
    "caeast": "canadaeast",
    "chnorth": "switzerlandnorth",
    "dewestcentral": "germanywestcentral",
    "eunorth": "northeurope",
    "euwest": "westeurope",
    "frcentral": "francecentral",
    "jaeast": "japaneast",
    "noeast": "norwayeast",
    "secentral": "swedencentral",
    "uscentral": "centralus",
    "useast": "eastus",
    "useast2": "eastus2",
    "usnorthcentral": "northcentralus",
    "ussouthcentral": "southcentralus",
    "uswest": "westus",
    "uswest2": "westus2",
    "uswest3": "westus3",
}
_NOWHERE: Final = ("", "global", "unassigned", "unknown")


def region_of(written: str | None) -> str | None:
    name = re.sub(r"[\s_-]", "", (written or "").lower())
    return None if name in _NOWHERE else _TURNED.get(name, name)
