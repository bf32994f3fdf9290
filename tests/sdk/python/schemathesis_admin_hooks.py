"""What schemathesis can't know: the ids that there are. Half of the paths that name
something get a real one, so that more than the 404 is tried.
"""

import json
import os
import zlib

import schemathesis

# By the part of the path that they stand after.
IDS = json.loads(os.environ["AINFERA_IDS"])


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    known = IDS.get(context.operation.path.split("/")[3])
    for name, value in (path_parameters or {}).items():
        if known and zlib.crc32(str(value).encode(errors="replace")) % 2:
            return {name: known}
    return path_parameters
