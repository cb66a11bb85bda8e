// Shows the API's description; Swagger UI is vendored, so this works on a closed network too.
const reference = document.getElementById("reference");
window.SwaggerUIBundle({
  url: reference.dataset.url,
  domNode: reference,
  deepLinking: true,
  validatorUrl: null,
});
