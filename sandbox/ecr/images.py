"""Container images in registries of other accounts. There are none here, so a tag's digest is made from its name.

AWS's own images are in such registries, from which every account may pull.
"""

from typing import Any, Final

from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse

from world.registry.package import image_digest

_MOTO_BATCH_GET_IMAGE: Final = ECRResponse.batch_get_image


class Images:
    def install(self) -> None:
        """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html"""

        def batch_get_image(response: Any) -> Any:
            registry = response._get_param("registryId")
            if registry in (None, response.current_account):
                return _MOTO_BATCH_GET_IMAGE(response)
            repository = response._get_param("repositoryName")
            host = f"{registry}.dkr.ecr.{response.region}.amazonaws.com"
            images = [
                {
                    "registryId": registry,
                    "repositoryName": repository,
                    "imageId": {
                        **one,
                        "imageDigest": one.get("imageDigest") or image_digest(f"{host}/{repository}:{one['imageTag']}"),
                    },
                }
                for one in response._get_param("imageIds")
            ]
            return ActionResult({"images": images, "failures": []})

        ECRResponse.batch_get_image = batch_get_image
